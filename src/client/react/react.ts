import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  use,
  useCallback,
  useContext,
  useSyncExternalStore,
} from "react";
import { KeyturnError } from "../errors.js";
import type { AuthState, ClientAccount } from "../state.js";
import type { Client } from "../types.js";

export type { AuthState, ClientAccount } from "../state.js";
export type { Client } from "../types.js";

/** The account that a client is typed by. */
export type AccountIn<C> = C extends Client<infer A> ? A : never;

interface Given {
  readonly client: Client;
  /** What the server drew, and the first render in the browser has to draw again. */
  readonly initial: AuthState;
}

/** Before anybody looked: the one state that server and browser agree on without being told. */
const loading: AuthState = Object.freeze({ status: "loading", account: null });
const AuthContext = createContext<Given | null>(null);

export interface AuthProviderProps<C extends Client = Client> {
  readonly client: C;
  /** The account that the server found for this request; `null`: it found none. Left out: nobody has looked. */
  readonly initial?: AccountIn<C> | null | undefined;
  readonly children?: ReactNode;
}

/** Makes a client known to everything below it. */
export function AuthProvider<C extends Client>({
  client,
  initial,
  children,
}: AuthProviderProps<C>): ReactElement {
  const value = givenOf(client as unknown as Client, initial);
  return createElement(AuthContext.Provider, { value }, children);
}

/** One object for a client and an initial account, so that a render of the provider renders nothing below it. */
const given = new WeakMap<Client, Given>();
function givenOf(client: Client, initial: ClientAccount | null | undefined): Given {
  const known = given.get(client);
  if (known && (known.initial.account ?? null) === (initial ?? null)) return known;
  const made = { client, initial: initialState(initial) };
  given.set(client, made);
  return made;
}

function initialState(account: ClientAccount | null | undefined): AuthState {
  if (account === undefined) return loading;
  return Object.freeze(
    account === null
      ? { status: "signed-out", account }
      : { status: "signed-in", account, model: "user", stale: false },
  );
}

export interface UseAuthOptions<C extends Client> {
  /** Another client than the provider's. */
  readonly client?: C | undefined;
}

/** Who is signed in. Renders again when that changes, and not when the token does. */
export function useAuth<C extends Client = Client>(options: UseAuthOptions<C> = {}): AuthState<AccountIn<C>> {
  const { client, initial } = useGiven(options.client);
  const subscribe = useCallback((changed: () => void) => client.on("state", changed), [client]);
  const state = useSyncExternalStore(
    subscribe,
    () => client.state,
    () => initial,
  );
  return state as AuthState<AccountIn<C>>;
}

/**
 * The account, or null if nobody is signed in. Suspends until that is known, once, and never after it. `required: true`: signed out,
 * it throws a KeyturnError `signed_out`, for a boundary or a router.
 */
export function useAccount<C extends Client = Client>(
  options: UseAuthOptions<C> & { readonly required: true },
): AccountIn<C>;
export function useAccount<C extends Client = Client>(
  options?: UseAuthOptions<C> & { readonly required?: boolean | undefined },
): AccountIn<C> | null;
export function useAccount<C extends Client = Client>(
  options: UseAuthOptions<C> & { readonly required?: boolean | undefined } = {},
): AccountIn<C> | null {
  const { client } = useGiven(options.client);
  const state = useAuth(options);
  if (state.status === "loading") use(client.ready);
  const { account } = state;
  if (state.status === "signed-out" && options.required) throw new KeyturnError("signed_out");
  return account;
}

function useGiven(own: Client | undefined): Given {
  const context = useContext(AuthContext);
  if (own && own !== context?.client) return givenOf(own, undefined);
  if (!context) throw new TypeError("There is no <AuthProvider> above, and no client was given");
  return context;
}
