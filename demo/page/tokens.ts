/** What the page shows of a token: its number in the order this page saw them, a hue, its last characters, and the cuts of a key. */
export interface Token {
  readonly number: number;
  readonly hue: number;
  readonly short: string;
  readonly cuts: readonly number[];
}

/** Hues of successive tokens, in degrees: neighbours far apart, and none near the red of a refusal. */
const hues = [255, 155, 310, 75, 205, 335, 125];

/** `offset`: where in the row of hues the session begins, so that two sessions side by side differ. */
export function describeToken(token: string, number: number, offset = 0): Token {
  const end = token.replace(/[^A-Za-z0-9]/g, "").slice(-8);
  return {
    number,
    hue: hues[(number - 1 + offset) % hues.length] ?? 255,
    short: `…${end.slice(-5)}`,
    cuts: [...end].map((character) => character.charCodeAt(0) % 5),
  };
}

/** All tokens of all sessions that the page has seen. */
export interface TokenBook {
  /** The description of a token; the same object for the same token. */
  describe(session: string, token: string): Token;
  newest(session: string): Token | undefined;
  /** The token that a session had some steps before its newest. */
  replaced(session: string, steps: number): string | undefined;
}

export function createTokenBook(): TokenBook {
  const sessions = new Map<string, Map<string, Token>>();
  return {
    describe(session, token) {
      const tokens = sessions.get(session) ?? new Map<string, Token>();
      // Three hues further: a session beside another one has none of its colours at the same time.
      if (tokens.size === 0) sessions.set(session, tokens);
      const offset = [...sessions.keys()].indexOf(session) * 3;
      const known = tokens.get(token) ?? describeToken(token, tokens.size + 1, offset);
      tokens.set(token, known);
      return known;
    },
    newest: (session) => [...(sessions.get(session)?.values() ?? [])].at(-1),
    replaced: (session, steps) => [...(sessions.get(session)?.keys() ?? [])].at(-1 - steps),
  };
}
