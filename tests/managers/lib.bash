# What the tests of this folder share: tools, a made-up token, repositories, and how an expectation is stated.
# Sourced by `run`; `root` is the project's folder.

tools=$root/target/managers
passed=0
failed=0

# Installs the real programs, and what they install in their turn, so that the tests themselves need no network.
install_tools() {
  local wanted
  wanted=$(cat "$root/tests/managers/requirements.txt" "$root/tests/managers/package.json")
  if [ "$wanted" != "$(cat "$tools/installed.txt" 2> /dev/null)" ]; then
    rm -rf "$tools/venv" "$tools/node"
    mkdir -p "$tools/wheels" "$tools/node"
    python3 -m venv "$tools/venv"
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check -r "$root/tests/managers/requirements.txt"
    "$tools/venv/bin/pip" download --quiet --disable-pip-version-check --dest "$tools/wheels" 'setuptools>=61' wheel
    cp "$root/tests/managers/package.json" "$tools/node"
    (cd "$tools/node" && npm install --silent --no-audit --no-fund)
    printf '%s\n' "$wanted" > "$tools/installed.txt"
  fi
}

# The programs of the system and the managers, and no cargo.
without_cargo() {
  local folder kept=$tools/venv/bin
  while IFS= read -r -d : folder; do
    [ -x "$folder/cargo" ] || kept+=:$folder
  done <<< "$PATH:"
  printf '%s' "$kept"
}

# A token that nobody was ever given.
token() {
  printf 'PT%s' "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"
}

# An empty repository with a bare one as its `origin`, in a folder of its own; goes there.
new_repository() {
  here=$(mktemp -d "$scratch/repository.XXXXXX")
  git init --quiet --bare "$here/origin.git"
  git init --quiet --initial-branch main "$here/work"
  cd "$here/work"
  git remote add origin "$here/origin.git"
}

# Writes a file with, or without, a token, and stages it.
plant() {
  printf 'SIGNALWIRE_API_TOKEN=%s\n' "$(token)" > "$1"
  git add "$1"
}
harmless() {
  printf 'nothing to see in %s\n' "$1" > "$1"
  git add "$1"
}

# expect CODE WHAT COMMAND...: the command passes (0) or is refused (not 0), and what it refuses it explains.
expect() {
  local wanted=$1 what=$2 code=0
  shift 2
  "$@" > "$scratch/said" 2>&1 < /dev/null || code=$?
  local ok=1
  case $wanted in
    passes) [ "$code" -eq 0 ] || ok=0 ;;
    refused)
      [ "$code" -ne 0 ] && grep -q 'signalwire-api-token\|SignalWire API token' "$scratch/said" || ok=0
      # Masked, whoever prints it.
      ! grep -Eq 'PT[0-9a-f]{48}' "$scratch/said" || ok=0
      ;;
  esac
  if [ "$ok" -eq 1 ]; then
    passed=$((passed + 1))
    printf 'ok      %s: %s\n' "$wanted" "$what"
  else
    failed=$((failed + 1))
    printf 'FAILED  %s: %s (exit code %s)\n' "$wanted" "$what" "$code"
    sed 's/^/        | /' "$scratch/said"
  fi
}

# State that a command must leave behind.
verify() {
  local what=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    printf 'ok      %s\n' "$what"
  else
    failed=$((failed + 1))
    printf 'FAILED  %s\n' "$what"
  fi
}
