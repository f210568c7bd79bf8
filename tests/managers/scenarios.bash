# One function for each way to meet barewire. Sourced by `run`.

# A wheel of what is checked out, in target/managers/wheels. Without the musl target it is one for this machine alone.
build_wheel() {
  rm -f "$tools"/wheels/barewire-*.whl
  if [ -d "$(rustc --print sysroot)/lib/rustlib/$(uname -m)-unknown-linux-musl/lib" ]; then
    "$root/packaging/wheel" "$tools/wheels" > "$scratch/wheel" 2>&1 || { cat "$scratch/wheel"; return 1; }
  else
    printf 'note    the musl target is not installed: the wheel is for this machine alone\n'
    "$tools/venv/bin/pip" wheel --quiet --no-deps --wheel-dir "$tools/wheels" "$root"
  fi
}

# The program alone, on the PATH.
build_program() {
  (cd "$root" && cargo build --quiet --release --locked)
  mkdir -p "$scratch/bin"
  cp "$CARGO_TARGET_DIR/release/barewire" "$scratch/bin"
}

# What every hook manager must do. $1: its command, $2: the URL of the hook's repository, $3: its id.
manager_scenario() {
  local manager=$1 url=$2 id=$3 rev
  rev=$(git -C "$url" rev-parse HEAD)
  new_repository
  printf 'repos:\n  - repo: %s\n    rev: %s\n    hooks: [{ id: %s }]\n' "$url" "$rev" "$id" > .pre-commit-config.yaml
  git add .pre-commit-config.yaml
  git commit --quiet --message start
  "$manager" install --install-hooks -t pre-commit -t pre-merge-commit -t pre-push > "$scratch/install" 2>&1 ||
    { cat "$scratch/install"; return 1; }

  harmless a.txt
  expect passes "$manager $id, a harmless commit" git commit --message harmless
  plant a.env
  expect refused "$manager $id, a commit with a token" git commit --message leak
  verify "the commit was not made" [ "$(git log --format=%s -1)" = harmless ]
  git commit --quiet --no-verify --message leak
  expect refused "$manager $id, --all-files" "$manager" run --all-files
  expect refused "$manager $id, --files" "$manager" run --files a.env
  expect refused "$manager $id, --from-ref and --to-ref" "$manager" run --from-ref HEAD~ --to-ref HEAD

  expect refused "$manager $id, a first push" git push origin main
  git rm --quiet a.env
  git commit --quiet --message removed
  expect refused "$manager $id, a first push of a token that a later commit removed" git push origin main
  verify "nothing was pushed" [ -z "$(git -C "$here/origin.git" for-each-ref)" ]
  git reset --quiet --hard HEAD~2
  expect passes "$manager $id, --all-files of harmless files" "$manager" run --all-files
  expect passes "$manager $id, a harmless first push" git push origin main

  git switch --quiet --create one
  plant b.env
  git commit --quiet --no-verify --message leak
  expect refused "$manager $id, a new branch" git push origin one
  git switch --quiet --create two main
  harmless b.txt
  git commit --quiet --message harmless
  expect refused "$manager $id, two branches at once" git push origin one two
  expect refused "$manager $id, two branches at once, of which the second has it" git push origin two one
  verify "neither was pushed" [ "$(git -C "$here/origin.git" for-each-ref --format='%(refname:short)')" = main ]
  git branch --quiet --delete --force one
  expect passes "$manager $id, a harmless new branch" git push origin two
  plant c.env
  git commit --quiet --no-verify --message leak
  expect refused "$manager $id, an update of a branch" git push origin two
  git reset --quiet --hard HEAD~
  expect passes "$manager $id, the deletion of a branch" git push origin :two

  git switch --quiet --create left main
  plant d.env
  git commit --quiet --no-verify --message leak
  git switch --quiet main
  harmless d.txt
  git commit --quiet --message harmless
  expect refused "$manager $id, a merge" git merge --no-edit left
  git reset --quiet --hard
}

test_wheel() {
  build_wheel
  "$root/packaging/mirror" "$scratch/mirror" > /dev/null
  verify "a second run of packaging/mirror changes nothing" \
    [ "$("$root/packaging/mirror" "$scratch/mirror" | tail -n 1 | cut -d ' ' -f 2-)" = "is there already" ]
  export PIP_NO_INDEX=1 PIP_FIND_LINKS=$tools/wheels PIP_DISABLE_PIP_VERSION_CHECK=1
  export UV_OFFLINE=1 UV_NO_INDEX=1 UV_FIND_LINKS=$tools/wheels
  local others
  others=$(without_cargo)
  local PATH=$others
  verify "there is no cargo on the PATH" [ -z "$(command -v cargo)" ]
  manager_scenario pre-commit "$scratch/mirror" barewire
  manager_scenario prek "$scratch/mirror" barewire
  unset PIP_NO_INDEX PIP_FIND_LINKS UV_OFFLINE UV_NO_INDEX UV_FIND_LINKS
}

test_source() {
  local PATH=$tools/venv/bin:$PATH
  # The hook is built of what is committed; a bare clone is what a manager would meet.
  git clone --quiet --bare "$root" "$scratch/source.git"
  manager_scenario pre-commit "$scratch/source.git" barewire-src
  manager_scenario prek "$scratch/source.git" barewire-src
}

test_lefthook() {
  build_program
  local PATH=$scratch/bin:$tools/venv/bin:$PATH
  new_repository
  "$root/tests/managers/recipe" lefthook.yml > lefthook.yml
  git add lefthook.yml
  git commit --quiet --message start
  lefthook install > /dev/null 2>&1
  simple_scenario lefthook
}

test_husky() {
  build_program
  local PATH=$scratch/bin:$tools/venv/bin:$PATH
  new_repository
  ln -s "$tools/node/node_modules" node_modules
  printf 'node_modules\n' > .gitignore
  git add .gitignore
  git commit --quiet --message start
  node_modules/.bin/husky
  "$root/tests/managers/recipe" .husky/pre-commit > .husky/pre-commit
  "$root/tests/managers/recipe" .husky/pre-merge-commit > .husky/pre-merge-commit
  "$root/tests/managers/recipe" .husky/pre-push > .husky/pre-push
  git add .husky
  simple_scenario husky
}

# What a manager must do that is told the commands by its own file. $1: its name.
simple_scenario() {
  harmless a.txt
  expect passes "$1, a harmless commit" git commit --message harmless
  expect passes "$1, a harmless first push" git push origin main
  plant a.env
  # The hook looks at what is staged, not at what the working tree says now.
  printf 'nothing\n' > a.env
  expect refused "$1, a commit with a token that only the index holds" git commit --message leak
  verify "the commit was not made" [ "$(git log --format=%s -1)" = harmless ]
  git commit --quiet --no-verify --message leak
  git reset --quiet --hard
  git switch --quiet --force-create two HEAD~
  harmless b.txt
  git commit --quiet --message harmless > /dev/null 2>&1
  expect refused "$1, two branches at once" git push origin two main
  expect passes "$1, a harmless new branch" git push origin two
  expect passes "$1, a deletion" git push origin :two
}

# A repository as a CI job gets it: `main` is what was there before, HEAD is a pull request that brings a token and a
# configuration that allows everything.
pull_request() {
  new_repository
  harmless a.txt
  git commit --quiet --message start
  git push --quiet origin main
  base=$(git rev-parse HEAD)
  git switch --quiet --create topic
  plant a.env
  printf '[[allow]]\npaths = ["**"]\nreason = "all is well"\n' > .barewire.toml
  git add .barewire.toml
  git commit --quiet --message leak
  head=$(git rev-parse HEAD)
}

# One step of action.yml. $1: the event, $2: the commit before, $3: the commit after, $4: whether it comes from a fork.
github_step() {
  : > "$scratch/output"
  env EVENT="$1" BASE="$2" HEAD="$3" FORK="${4:-}" DEFAULT_BRANCH=main FAIL_ON=low SARIF=barewire.sarif ARGS= \
    GITHUB_OUTPUT="$scratch/output" GITHUB_STEP_SUMMARY="$scratch/summary.md" GITHUB_ACTION_PATH="$root" \
    bash -c "$("$root/tests/managers/step" action.yml Scan)"
}

test_github() {
  build_program
  local PATH=$scratch/bin:$tools/venv/bin:$PATH zeros=0000000000000000000000000000000000000000 leak
  pull_request
  verify "without the option, the pull request switches its own scan off" \
    barewire history --quiet --range "$base..$head"
  expect refused "GitHub, a pull request that allows everything" github_step pull_request "$base" "$head"
  verify "an annotation names the place" grep -q '^::error .*file=a.env,line=1' "$scratch/said"
  verify "the summary is written" grep -q 'a.env' "$scratch/summary.md"
  verify "the report for code scanning names the place" grep -q '"a.env"' barewire.sarif
  leak=$head
  sed -i 's/$/  # barewire:allow: trust me/' a.env
  git commit --quiet --all --amend --message leak
  head=$(git rev-parse HEAD)
  expect passes "GitHub, a pull request of a colleague with a comment" github_step pull_request "$base" "$head" false
  expect refused "GitHub, a pull request from a fork with a comment" github_step pull_request "$base" "$head" true
  git reset --quiet --hard "$leak"
  head=$leak
  expect refused "GitHub, a push" github_step push "$base" "$head"
  expect refused "GitHub, a push of a new branch" github_step push "$zeros" "$head"
  verify "it is compared with the default branch" grep -q 'origin/main' "$scratch/output"
  expect refused "GitHub, a push whose former commit is gone" github_step push "${head//[0-9]/a}" "$head"
  expect refused "GitHub, a scheduled run" github_step schedule '' "$head"
  git rm --quiet a.env .barewire.toml
  git commit --quiet --message removed
  expect refused "GitHub, a token that a later commit removed" github_step pull_request "$base" "$(git rev-parse HEAD)"
  expect passes "GitHub, a harmless push" github_step push "$head" "$(git rev-parse HEAD)"
  git clone --quiet --depth 1 "file://$here/work" "$here/shallow"
  cd "$here/shallow"
  verify "a shallow clone is not clean" not github_step push "$head" "$(git rev-parse HEAD)"
}

not() {
  ! "$@" > "$scratch/said" 2>&1
}

# The script of the job in templates/barewire.yml. The arguments are variables.
gitlab_job() {
  env BAREWIRE_FAIL_ON=low CI_DEFAULT_BRANCH=main "$@" sh -c "set -e
$("$root/tests/managers/step" templates/barewire.yml barewire)"
}

test_gitlab() {
  build_program
  local PATH=$scratch/bin:$tools/venv/bin:$PATH zeros=0000000000000000000000000000000000000000
  pull_request
  expect refused "GitLab, a merge request that allows everything" \
    gitlab_job CI_MERGE_REQUEST_DIFF_BASE_SHA="$base" CI_COMMIT_SHA="$head"
  verify "the report for GitLab names the place" grep -q '"a.env"' gl-secret-detection-report.json
  sed -i 's/$/  # barewire:allow: trust me/' a.env
  git commit --quiet --all --message allowed
  expect refused "GitLab, a merge request from a fork with a comment" gitlab_job CI_MERGE_REQUEST_DIFF_BASE_SHA="$base" \
    CI_COMMIT_SHA="$(git rev-parse HEAD)" CI_PROJECT_ID=1 CI_MERGE_REQUEST_SOURCE_PROJECT_ID=2
  git reset --quiet --hard "$head"
  expect refused "GitLab, a push" gitlab_job CI_COMMIT_BEFORE_SHA="$base" CI_COMMIT_SHA="$head"
  expect refused "GitLab, a push of a new branch" gitlab_job CI_COMMIT_BEFORE_SHA="$zeros" CI_COMMIT_SHA="$head"
  git rm --quiet a.env .barewire.toml
  git commit --quiet --message removed
  expect passes "GitLab, a harmless push" \
    gitlab_job CI_COMMIT_BEFORE_SHA="$head" CI_COMMIT_SHA="$(git rev-parse HEAD)"
}

# Files that only somebody else's program reads are at least what that program takes.
test_files() {
  local bin=$tools/venv/bin
  verify "the hooks are what pre-commit takes" "$bin/pre-commit" validate-manifest .pre-commit-hooks.yaml
  verify "the hooks are what prek takes" "$bin/prek" --quiet validate-manifest .pre-commit-hooks.yaml
  verify "the workflows are what GitHub takes" \
    "$bin/check-jsonschema" --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
  verify "the action is what GitHub takes" \
    "$bin/check-jsonschema" --quiet --builtin-schema vendor.github-actions action.yml
  "$root/tests/managers/step" templates/barewire.yml > "$scratch/gitlab.yml"
  verify "the template is what GitLab takes" \
    "$bin/check-jsonschema" --quiet --builtin-schema vendor.gitlab-ci "$scratch/gitlab.yml"
  verify "the scripts are in order" "$bin/shellcheck" --external-sources .ci/run packaging/wheel packaging/mirror \
    packaging/deb packaging/archive packaging/github-scan tests/managers/run
}
