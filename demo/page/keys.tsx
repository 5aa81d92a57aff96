import type { CSSProperties, ReactElement } from "react";
import type { Token } from "./tokens.js";

/** Style properties that only the style sheets know. */
export function variables(
  values: Readonly<Record<`--${string}`, number | string | undefined>>,
): CSSProperties {
  return values as CSSProperties;
}

/** A key whose teeth are cut from the token, so that two tokens differ in more than their colour. */
export function KeyShape({ cuts }: { readonly cuts: readonly number[] }): ReactElement {
  const width = 5;
  const end = 20 + cuts.length * width;
  const teeth = cuts.map((cut) => `V${12 + cut} h-${width}`).join(" ");
  return (
    <svg viewBox={`0 0 ${end + 6} 20`} className="key-shape" aria-hidden="true" focusable="false">
      <path d={`M14,7 H${end} l5,3 l-5,2 ${teeth} V12 H14 Z`} />
      <path d="M9,1 a8.5,8.5 0 1,0 0.01,0 Z M6.5,7 a2.5,2.5 0 1,1 -0.01,0 Z" fillRule="evenodd" />
    </svg>
  );
}

/** The key with its number and last characters. `isFresh`: it has just replaced another. */
export function KeyChip({
  token,
  isFresh,
}: {
  readonly token: Token;
  readonly isFresh?: boolean;
}): ReactElement {
  return (
    <span className={isFresh ? "chip fresh" : "chip"} style={variables({ "--hue": token.hue })}>
      <KeyShape cuts={token.cuts} />
      <b>{token.number}</b>
      <code>{token.short}</code>
    </span>
  );
}
