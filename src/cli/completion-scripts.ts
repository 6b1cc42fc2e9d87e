export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** Each asks `rollcall complete` for the words, so a script never has to be renewed. Files complete where nothing else does. */
export function completionScript(shell: Shell): string {
  switch (shell) {
    case "bash":
      return `# rollcall completion for bash; add to ~/.bashrc: source <(rollcall completion bash)
_rollcall() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(rollcall complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _rollcall rollcall
`;
    case "zsh":
      return `#compdef rollcall
# rollcall completion for zsh; add to ~/.zshrc: source <(rollcall completion zsh)
_rollcall() {
  local -a proposals
  proposals=("\${(@f)$(rollcall complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if (( \${#proposals} )) && [[ -n "\${proposals[1]}" ]]; then compadd -- "\${proposals[@]}"; else _files; fi
}
compdef _rollcall rollcall
`;
    case "fish":
      return `# rollcall completion for fish; save as ~/.config/fish/completions/rollcall.fish
function __rollcall_complete
    set -l words (commandline -opc) (commandline -ct)
    rollcall complete -- $words[2..-1] 2>/dev/null
end
complete -c rollcall -a '(__rollcall_complete)'
`;
  }
}
