// Light or dark, and the colours of the style sheet in it: read once each, not at every redraw.
const asked = matchMedia('(prefers-color-scheme: dark)');
const known = new Map<string, string>();
const theme = $state({ dark: asked.matches });
asked.addEventListener('change', () => {
  known.clear();
  theme.dark = asked.matches;
});

/** A colour of the style sheet, as it is in the reader's light or dark; what is made from it is made again when that changes. */
export function tone(name: string): string {
  void theme.dark;
  let found = known.get(name);
  if (found === undefined) known.set(name, (found = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()));
  return found;
}
