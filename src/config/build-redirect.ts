type Params = Readonly<Record<string, string>>;

/**
 * Adds parameters to a URL that the allow-list has accepted: sorted, behind the query it has. With a fragment the whole query is repeated
 * at the fragment's end, where routers that live there look for it: `/?x=true#/ok?x=true`. A parameter that the target already
 * carries under the same name is left over from an earlier redirect and gives way. Throws a TypeError if `target` is no URL.
 */
export function buildRedirect(target: string, params: Params): string {
  const { href } = new URL(target);
  if (Object.keys(params).length === 0) return href;
  const { page, query, fragment } = takeApart(href, params);
  const all = [...query, ...pairsOf(params)];
  if (fragment === undefined) return `${page}?${all.join("&")}`;
  const own = fragment.pairs.filter((pair) => !query.includes(pair));
  return `${page}?${all.join("&")}#${fragment.place}${[...own, ...all].join("&")}`;
}

/**
 * Adds parameters behind whatever the fragment has, as to a query there: no server sees them, and no `Referer` carries them. Otherwise as
 * `buildRedirect`.
 */
export function buildFragment(target: string, params: Params): string {
  const { page, query, fragment = { place: "", pairs: [] } } = takeApart(new URL(target).href, params);
  const address = query.length === 0 ? page : `${page}?${query.join("&")}`;
  return `${address}#${fragment.place}${[...fragment.pairs, ...pairsOf(params)].join("&")}`;
}

interface Parts {
  readonly page: string;
  /** Of the target itself: `name=value` as it stands there. */
  readonly query: readonly string[];
  /** `place` is the route of a router that lives there, with its question mark; `undefined`: the target has no fragment. */
  readonly fragment: { readonly place: string; readonly pairs: readonly string[] } | undefined;
}

function takeApart(href: string, params: Params): Parts {
  const [address, hash] = cut(href, "#");
  const [page, present = ""] = cut(address, "?");
  const isBare = hash !== undefined && isParameters(hash);
  const [route, inside = ""] = hash === undefined ? [""] : isBare ? ["", hash] : cut(hash, "?");
  const [query, own] = [present.split("&"), inside.split("&")];
  const over = leftOver([...query, ...own], params);
  const isFree = (pair: string): boolean => pair !== "" && !namesIn(pair).some((name) => over.has(name));
  const pairs = own.filter(isFree);
  // A fragment that was nothing but an earlier result is no fragment of the page's own.
  const isGone = hash === undefined || (isBare && pairs.length === 0);
  const fragment = isGone ? undefined : { place: isBare ? "" : `${route}?`, pairs };
  return { page, query: query.filter(isFree), fragment };
}

/** Whether a fragment is parameters and no route: `blank=true&error=access_denied`, but not `/login` or `section?tab=1`. */
function isParameters(hash: string): boolean {
  return /^[^/?=]+=/.test(hash);
}

/** The redirects that a target can be left over from: what each is known by, and what stood there with it. */
const results: readonly { readonly marks: readonly string[]; readonly names: readonly string[] }[] = [
  {
    marks: ["auth_token", "blank", "omniauth_code"],
    names: ["client_id", "config", "error", "expiry", "oauth_registration", "uid"],
  },
  {
    marks: ["reset_password", "reset_password_token"],
    names: ["access-token", "client", "client_id", "config", "expiry", "token", "uid"],
  },
  { marks: ["account_confirmation_success"], names: [] },
];

/**
 * Names that must not stand in the target any more: a page that one result has led to may begin the next flow, and whoever reads the
 * address would take parts of both for one.
 */
function leftOver(pairs: readonly string[], params: Params): ReadonlySet<string> {
  const there = new Set(pairs.flatMap(namesIn));
  const isOfProvider = Object.hasOwn(params, "blank") || Object.hasOwn(params, "omniauth_code");
  return new Set([
    ...Object.keys(params),
    ...(isOfProvider ? ["error"] : []),
    ...results
      .filter(({ marks }) => marks.some((mark) => there.has(mark)))
      .flatMap(({ marks, names }) => [...marks, ...names]),
  ]);
}

function namesIn(pair: string): readonly string[] {
  return [...new URLSearchParams(pair).keys()];
}

// %20 is a blank to every reader, `+` only to those that parse forms; a plus sign proper is already %2B here.
function pairsOf(params: Params): readonly string[] {
  const sorted = Object.entries(params).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map((pair) => `${new URLSearchParams([pair])}`.replaceAll("+", "%20"));
}

function cut(text: string, mark: string): [before: string, after: string | undefined] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
