const bash = `# bash completion for weft; load it with: source <(weft completion bash)
_weft() {
  local cur=\${COMP_WORDS[COMP_CWORD]} line word words=() i
  # bash splits words at "=" and ":"; they are joined again here.
  if declare -F _get_comp_words_by_ref >/dev/null; then
    local cword
    _get_comp_words_by_ref -n "=:" cur words cword
    words=("\${words[@]:1:cword}")
  else
    for ((i = 1; i <= COMP_CWORD; i++)); do words+=("\${COMP_WORDS[i]}"); done
  fi
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o filenames; while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur") ;;
      :folders) compopt -o filenames; while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$cur") ;;
      ?*) word=\${line%%$'\\t'*}
        case $cur in *=*) word=\${word#"\${cur%"\${cur##*=}"}"} ;; esac
        COMPREPLY+=("$word") ;;
    esac
  done < <("\${COMP_WORDS[0]}" __complete -- "\${words[@]}" 2>/dev/null)
}
complete -F _weft weft
`;

const zsh = `#compdef weft
# zsh completion for weft; put it into a file _weft on $fpath, or: source <(weft completion zsh)
_weft() {
  local line word says
  local -a candidates
  for line in "\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :files) _files ;;
      :folders) _files -/ ;;
      ?*) word=\${line%%$'\\t'*}
        says=\${line#*$'\\t'}
        candidates+=("\${word//:/\\\\:}\${says:+:$says}") ;;
    esac
  done
  (( \${#candidates} )) && _describe -V weft candidates
}
if [ "$funcstack[1]" = "_weft" ]; then
  _weft "$@"
else
  compdef _weft weft
fi
`;

const fish = `# fish completion for weft; load it with: weft completion fish | source
function __weft_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$current"
            case :folders
                __fish_complete_directories "$current" ""
            case '*'
                echo $line
        end
    end
end
complete -c weft -f -a '(__weft_complete)'
`;

/** What `weft completion SHELL` prints. */
export const scripts = { bash, zsh, fish } as const;
