"""Every route of the console: who may use it, and whose things it shows. A route that is not here fails the tests.

Roles: K keeper, D dispatcher, C callback worker, S supervisor, A administrator, V viewer; - whoever has not signed in.
The third column names what the rule's placeholder stands for; where that belongs to a unit, people of another unit
must find nothing there. `*`: belongs to the whole community, and only its top may change it.
"""

from typing import NamedTuple

from models.staff import Role

LETTERS = {
    "K": Role.KEEPER,
    "D": Role.DISPATCHER,
    "C": Role.CALLBACK_WORKER,
    "S": Role.SUPERVISOR,
    "A": Role.ADMINISTRATOR,
    "V": Role.VIEWER,
}
TABLE = """
GET   /                                                        KDCSAV
GET   /login                                                   -
POST  /login                                                   -
GET   /login/code                                              -
POST  /login/code                                              -
POST  /logout                                                  KDCSAV
GET   /password                                                KDCSAV
POST  /password                                                KDCSAV
GET   /account                                                 KDCSAV
POST  /account                                                 KDCSAV
POST  /account/sessions/end                                    KDCSAV
POST  /account/totp                                            A
POST  /account/totp/confirm                                    A
POST  /account/totp/off                                        A
GET   /people                                                  SA
GET   /people/new                                              A
POST  /people                                                  A
GET   /people/<int:staff_id>                                   SA      person
POST  /people/<int:staff_id>                                   A       person
POST  /people/<int:staff_id>/phone                             SA      person
POST  /people/<int:staff_id>/password                          A       person
POST  /people/<int:staff_id>/sessions/end                      A       person
POST  /people/<int:staff_id>/disable                           A       person
POST  /people/<int:staff_id>/enable                            A       person
GET   /audit                                                   SA
POST  /audit/export                                            SA
GET   /counts                                                  KDCSAV
GET   /tickets                                                 KDCSAV
GET   /tickets/live                                            KDCSAV
GET   /tickets/dispatch                                        DSA
POST  /tickets/dispatch                                        DSA
POST  /tickets/export                                          KDCSA
GET   /views                                                   KDCSAV
POST  /views                                                   KDCSAV
POST  /views/<int:view_id>/name                                KDCSAV  view
POST  /views/<int:view_id>/open                                KDCSAV  view
POST  /views/<int:view_id>/delete                              KDCSAV  view
GET   /tickets/<int:number>                                    KDCSAV  ticket
GET   /tickets/<int:number>/panel                              KDCSAV  ticket
GET   /tickets/<int:number>/print                              KDCSAV  ticket
POST  /tickets/<int:number>/print                              KDCSA   ticket
POST  /tickets/<int:number>/reveal                             KDCSA   ticket
POST  /tickets/<int:number>/heard                              DSA     ticket
POST  /tickets/<int:number>/draft                              DSA     ticket
POST  /tickets/<int:number>/photos                             KDCSA   ticket
POST  /tickets/<int:number>/do/<action>                        KDCSA   ticket
POST  /tickets/<int:number>/back                               KDCSA   ticket
POST  /tickets/<int:number>/now                                KDCSA   ticket
POST  /tickets/<int:number>/remark                             KDCSA   ticket
POST  /tickets/<int:number>/text                               KDCSA   ticket
POST  /tickets/<int:number>/rating                             KDCSA   ticket
POST  /tickets/<int:number>/helpers                            KDCSA   ticket
POST  /tickets/<int:number>/helpers/<int:staff>                KDCSA   ticket
POST  /recordings/<int:recording>/open                         KDCSA   recording
GET   /recordings/<int:recording>                              KDCSA   recording
GET   /photos/<int:photo>                                      KDCSAV  photo
GET   /photos/<int:photo>/small                                KDCSAV  photo
POST  /photos/<int:photo>/<deed>                               KDCSA   photo
GET   /intake                                                  KDCSA
POST  /intake                                                  KDCSA
GET   /intake/done/<int:number>                                KDCSA   ticket
POST  /intake/suggest                                          KDCSA
POST  /intake/resident                                         KDCSA
POST  /intake/resident/<int:resident_id>                       KDCSA   resident
POST  /intake/draft                                            KDCSA
GET   /intake/notes                                            KDCSA
POST  /intake/notes                                            KDCSA
POST  /intake/notes/open                                       KDCSA
POST  /intake/notes/draft                                      KDCSA
POST  /intake/notes/clear                                      KDCSA
GET   /intake/notes/done                                       KDCSA
GET   /callbacks                                               KDCSA
POST  /callbacks/next                                          KDCSA
GET   /callbacks/<int:callback_id>                             KDCSA   callback
POST  /callbacks/<int:callback_id>/hold                        KDCSA   callback
POST  /callbacks/<int:callback_id>/release                     KDCSA   callback
POST  /callbacks/<int:callback_id>/phone                       KDCSA   callback
POST  /callbacks/<int:callback_id>/record                      KDCSA   callback
POST  /callbacks/<int:callback_id>/undo                        KDCSA   callback
POST  /callbacks/<int:callback_id>/ring                        DCSA    callback
GET   /callbacks/<int:callback_id>/call                        DCSA    callback
POST  /callbacks/<int:callback_id>/hangup                      DCSA    callback
GET   /residents                                               DCSA
POST  /residents                                               DCSA
GET   /residents/<int:resident_id>                             DCSA    resident
POST  /residents/<int:resident_id>                             DCSA    resident
POST  /residents/<int:resident_id>/reveal                      DCSA    resident
POST  /residents/<int:resident_id>/phones                      DCSA    resident
POST  /residents/<int:resident_id>/phones/<int:phone_id>/drop  DCSA    resident
POST  /residents/<int:resident_id>/household                   DCSA    resident
POST  /residents/<int:resident_id>/merge                       DSA     resident
POST  /residents/merges/<int:merge_id>/undo                    DSA     merge
POST  /residents/<int:resident_id>/erase                       SA      resident
GET   /activities                                              KDCSAV
POST  /activities                                              DSA
POST  /activities/<int:activity_id>/cancel                     DSA     activity
POST  /activities/<int:activity_id>/restore                    DSA     activity
GET   /notices                                                 DSA
POST  /notices                                                 DSA
GET   /notices/<int:notice_id>                                 DSA     notice
POST  /notices/<int:notice_id>/approve                         SA      notice
POST  /notices/<int:notice_id>/<any(pause,resume,cancel):what> DSA     notice
GET   /units                                                   KDCSAV
GET   /units/<int:unit_id>                                     SA      unit
POST  /units/<int:unit_id>                                     SA      unit
POST  /units/<int:unit_id>/below                               SA      unit
POST  /units/<int:unit_id>/move                                SA      unit
POST  /units/<int:unit_id>/remove                              SA      unit
GET   /rosters                                                 KDCSAV
POST  /rosters                                                 DSA
POST  /rosters/<int:shift_id>/drop                             DSA     shift
GET   /services                                                SA
POST  /services/categories/<code>                              SA      *
POST  /services/items                                          SA      *
POST  /services/items/<int:item_id>/<any(on,off):state>        SA      *
POST  /services/rules                                          SA      *
POST  /services/rules/<int:rule_id>                            SA      *
POST  /services/rules/<int:rule_id>/<any(up,down):way>         SA      *
GET   /stations                                                SA
POST  /stations                                                SA
POST  /stations/<int:station_id>                               SA      station
POST  /stations/<int:station_id>/kiosks                        SA      station
POST  /kiosks/<int:kiosk_id>/revoke                            SA      kiosk
GET   /kiosks/silent                                           DSA
GET   /prompts                                                 SA
GET   /prompts/<key>.wav                                       SA
POST  /prompts/<key>                                           SA      *
POST  /prompts/<key>/<any(remove,restore):what>                SA      *
GET   /data                                                    A
GET   /data/<code>.<any(csv,toml):kind>                        A       *
POST  /data/<code>                                             A       *
"""


class Line(NamedTuple):
    method: str
    rule: str  # below /staff
    roles: frozenset[Role]  # nobody: for whoever has not signed in
    thing: str  # "" where there is none


def _line(text: str) -> Line:
    method, rule, letters, *thing = text.split()
    roles = frozenset() if letters == "-" else frozenset(LETTERS[letter] for letter in letters)
    return Line(method, rule, roles, thing[0] if thing else "")


LINES = [_line(text) for text in TABLE.strip().splitlines()]
