export type Shell = 'bash' | 'zsh' | 'fish'

/** Each asks `slipway complete` for the candidates and takes them as they are: nothing that is printed is evaluated. */
export function script(shell: Shell): string {
  return SCRIPTS[shell]
}

const BASH = String.raw`# slipway for bash: eval "$(slipway completion bash)"
_slipway() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <(slipway complete -- "${'$'}{COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ ${'$'}{#COMPREPLY[@]} -eq 1 && ${'$'}{COMPREPLY[0]} == *[/=] ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _slipway slipway
`

const ZSH = String.raw`#compdef slipway
# slipway for zsh: eval "$(slipway completion zsh)" after compinit, or this text as _slipway in a folder of fpath
_slipway() {
  local -a candidates open
  candidates=("${'$'}{(@f)$(slipway complete -- "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  open=(${'$'}{(M)candidates:#*[/=]})
  candidates=(${'$'}{candidates:#(|*[/=])})
  compadd -- $candidates
  compadd -S '' -- $open
}
if [[ $funcstack[1] == _slipway ]]; then
  _slipway "$@"
else
  compdef _slipway slipway
fi
`

const FISH = String.raw`# slipway for fish: slipway completion fish | source
function __slipway_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    slipway complete -- $words[2..-1] "$current" 2>/dev/null
end
complete -c slipway -f -a '(__slipway_complete)'
`

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH }
