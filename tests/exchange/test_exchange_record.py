"""<Record>: published behaviour, one case a test."""

import pytest
import requests

from ivr.exchange.mic import white_noise
from ivr.exchange.scriptfile import speech_step
from speech.audio import decode_wav, mulaw_decode, rms_dbfs

RECORD = '<Record action="/voice/said" timeout="2" {more}/><Say>没有听到</Say>'
AUTH = ("AC" + "0" * 32, "test-token")


def spoken(seconds=2.0, text="路灯不亮"):
    return speech_step(mulaw_decode(white_noise(seconds, -20)), text)


def record(network, *steps, more="", **options):
    network.product.on("/voice/incoming", RECORD.format(more=more))
    return network.call(*steps, **options)


def test_speech_is_recorded_and_posted(network):
    record(network, spoken(2.0))
    form = network.product.forms("/voice/said")[0]
    assert form["RecordingDuration"] == "2"
    assert "Digits" not in form
    answer = requests.get(form["RecordingUrl"], auth=AUTH, timeout=5)
    pcm = decode_wav(answer.content)
    assert abs(len(pcm) / 16000 - 2.0) < 0.1
    assert rms_dbfs(pcm) > -25


def test_recordings_need_the_login(network):
    record(network, spoken(1.0))
    url = network.product.forms("/voice/said")[0]["RecordingUrl"]
    assert requests.get(url, timeout=5).status_code == 401


def test_silence_records_nothing_and_falls_through(network):
    call = record(network)
    assert not network.product.forms("/voice/said")
    assert [entry["text"] for entry in call["dialogue"]] == ["没有听到"]


def test_any_key_ends_the_recording_by_default(network):
    record(network, spoken(1.0), {"press": "5", "wait_prompt": False})
    assert network.product.forms("/voice/said")[0]["Digits"] == "5"


def test_max_length_ends_the_recording(network):
    record(network, spoken(4.0), more='maxLength="1" trim="do-not-trim"')
    assert network.product.forms("/voice/said")[0]["RecordingDuration"] == "1"


def test_hang_up_in_the_middle_still_posts_what_was_said(network):
    call = record(network, spoken(1.0), {"hangup": True})
    form = network.product.forms("/voice/said")[0]
    assert (form["Digits"], form["CallStatus"]) == ("hangup", "completed")
    assert call["ended_by"] == "caller"
    assert requests.get(form["RecordingUrl"], auth=AUTH, timeout=5).status_code == 200


def test_recording_status_callback_names_the_file(network):
    record(network, spoken(1.0), more='recordingStatusCallback="/voice/recording"')
    form = network.product.forms("/voice/recording")[0]
    assert form["RecordingStatus"] == "completed"
    assert form["RecordingUrl"] == network.product.forms("/voice/said")[0]["RecordingUrl"]


def test_official_client_lists_fetches_and_deletes_recordings(network):
    call = record(network, spoken(1.0))
    found = network.rest.recordings.list(call_sid=call["sid"])
    assert [item.duration for item in found] == ["1"]
    assert network.rest.recordings(found[0].sid).fetch().call_sid == call["sid"]
    assert network.rest.recordings(found[0].sid).delete()
    from twilio.base.exceptions import TwilioRestException

    with pytest.raises(TwilioRestException) as gone:
        network.rest.recordings(found[0].sid).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)
