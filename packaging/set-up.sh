# Shared by packaging/run and packaging/test: brings system libraries, .venv and packages up to date, once.
# Sourced with the extras to install in $EXTRAS and lists of system packages in $SYSTEM_LISTS.
# Installs nothing that is there already, so that a second run starts at once.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
VENV="$ROOT/.venv"

say() { printf '%s\n' "$*" >&2; }

# The newest Python that TensorFlow has a wheel for.
find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  say "Found no Python 3.11, 3.12 or 3.13. Install one of them (with its venv module), or name it: PYTHON=/path/to/python3.12 $0"
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_system_packages() {
  command -v dpkg-query >/dev/null 2>&1 || return 0
  local wanted installed missing=() name
  wanted=$(cat "$@" | grep -v '^#')
  # Debian and Ubuntu of 2024 and later call some libraries by another name (libglib2.0-0t64).
  # shellcheck disable=SC2086 # one argument a name
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted ${wanted//$'\n'/t64 } 2>/dev/null |
    sed -n 's/^installed //p' || true)
  for name in $wanted; do
    grep -qE "^${name//+/\\+}(t64)?$" <<<"$installed" || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] && ! { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; }; then
    say "These system packages are missing and installing them needs root: ${missing[*]}"
    say "Run: sudo apt-get install ${missing[*]}"
    return 0
  fi
  say "Installing system packages: ${missing[*]}"
  as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

install_packages() {
  local python stamp
  stamp=$(cat pyproject.toml packaging/constraints.txt | sha256sum | cut -d' ' -f1)-$EXTRAS
  if [ -x "$VENV/bin/python" ] && [ -f "$VENV/.installed" ] && grep -qxF "$stamp" "$VENV/.installed"; then
    return 0
  fi
  if ! [ -x "$VENV/bin/python" ]; then
    python=$(find_python)
    say "Making .venv with $python"
    if command -v uv >/dev/null 2>&1; then
      uv venv -q --python "$python" "$VENV"
    elif ! "$python" -m venv "$VENV"; then
      rm -rf "$VENV"
      say "Could not make .venv. On Debian and Ubuntu: apt-get install python3-venv"
      return 1
    fi
  fi
  say "Installing Python packages (TensorFlow among them: a minute or two the first time)"
  local target="."
  [ -z "$EXTRAS" ] || target=".[$EXTRAS]"
  if command -v uv >/dev/null 2>&1; then
    uv pip install -q --python "$VENV/bin/python" -c packaging/constraints.txt -e "$target"
  else
    "$VENV/bin/python" -m pip install -q --disable-pip-version-check -c packaging/constraints.txt -e "$target"
  fi
  printf '%s\n' "$stamp" >>"$VENV/.installed"
}

# shellcheck disable=SC2086 # the lists are several words on purpose
install_system_packages $SYSTEM_LISTS
install_packages
