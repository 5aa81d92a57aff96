import type { ReadableHeaders } from "./credentials.js";
import { refusals } from "./errors.js";
import type { Client } from "./types.js";

/** What is used of an axios instance, so that any version from 1.0 fits and nothing of axios is loaded here. */
export interface AxiosLike<Config extends AxiosRequestLike, Received extends AxiosResponseLike> {
  readonly interceptors: {
    readonly request: Interceptors<Config>;
    readonly response: Interceptors<Received>;
  };
  getUri(config?: never): string;
  request(config: never): Promise<unknown>;
}

interface Interceptors<T> {
  // biome-ignore lint/suspicious/noConfusingVoidType: axios says so.
  use(fulfilled: (value: T) => T | Promise<T>, rejected?: (error: unknown) => unknown): number | void;
  eject(id: number): void;
}

interface AxiosRequestLike {
  readonly headers: { set(name: string, value: string): unknown };
}

interface AxiosResponseLike {
  readonly headers: unknown;
  readonly status: number;
}

/** What an axios error carries. */
interface AxiosFailure {
  readonly config?: (AxiosRequestLike & { readonly [replayed]?: boolean }) | undefined;
  readonly response?: (AxiosResponseLike & { readonly data?: { readonly code?: unknown } }) | undefined;
}

const replayed = Symbol("keyturn.replayed");

/**
 * Lets an axios instance send the client's token and keep the next one. A refused request is sent once more if a newer token turns up;
 * a lost response makes the client fetch the successor. Requests to other origins are left alone. Returns the function that ends this.
 *
 * Redirects are the transport's own: in a browser, XMLHttpRequest follows them and cannot be told not to.
 */
export function connectAxios<Config extends AxiosRequestLike, Received extends AxiosResponseLike>(
  client: Client,
  axios: AxiosLike<Config, Received>,
): () => void {
  const uriOf = (config: AxiosRequestLike): string => axios.getUri(config as never);
  const adopt = ({ headers }: AxiosResponseLike): void => {
    client.adopt({ headers: headers as ReadableHeaders });
  };
  const request = axios.interceptors.request.use((config) => {
    for (const [name, value] of Object.entries(client.headersFor(uriOf(config))))
      config.headers.set(name, value);
    return config;
  });
  const response = axios.interceptors.response.use(
    (received) => {
      adopt(received);
      return received;
    },
    async (error: unknown) => {
      const { config, response: received } = error as AxiosFailure;
      if (!config || Object.keys(client.headersFor(uriOf(config))).length === 0) throw error;
      if (!received) {
        // It may have been handled: its successor has to be known before the window ends.
        void client.validate().catch(() => {});
        throw error;
      }
      adopt(received);
      const isRefused = received.status === 401 && refusals.test(String(received.data?.code));
      if (!isRefused || config[replayed]) throw error;
      const account = await client.validate().catch(() => null);
      if (account === null) throw error;
      return axios.request(Object.assign(config, { [replayed]: true }) as never);
    },
  );
  return () => {
    axios.interceptors.request.eject(Number(request));
    axios.interceptors.response.eject(Number(response));
  };
}
