/** What the server says of itself, so that this page can show any configuration. */
export interface Description {
  readonly models: readonly Model[];
  readonly groups: readonly {
    readonly name: string;
    readonly models: readonly string[];
    readonly path: string;
  }[];
  /** Milliseconds. */
  readonly window: number;
  readonly rotates: boolean;
  readonly batchResponses: "repeat" | "omit";
  readonly lostResponses: "expire" | "recover";
  readonly headerNames: Readonly<Record<string, string>>;
  readonly passwordMinLength: number;
  readonly inbox: boolean;
  readonly events: boolean;
  readonly examples: readonly Example[];
}

export interface Model {
  readonly name: string;
  readonly mountAt: string;
  readonly confirmable: boolean;
  readonly registration: boolean;
  /** A route for its accounts. */
  readonly path: string;
  readonly fields: readonly Field[];
  readonly providers: readonly { readonly name: string; readonly label: string }[];
}

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly onSignUp: boolean;
  readonly onAccountUpdate: boolean;
}

/** A small server for what plays on the page. */
export interface Example {
  readonly lostResponses: "expire" | "recover";
  readonly mountAt: string;
  readonly path: string;
  /** Milliseconds. */
  readonly window: number;
}

const settings = import.meta.env;

/** The API that this page shows: the server that it came from, unless the build names another. */
export const apiUrl = (settings["VITE_API_URL"] ?? location.origin).replace(/\/$/, "");

/** Whether the page came from the API's own origin: then mails can be shown in a frame. */
export const isSameOrigin = new URL(apiUrl).origin === location.origin;

/** What the server says of itself; for a server without the demo's routes, what the build says. */
export async function describeServer(): Promise<Description> {
  const response = await fetch(`${apiUrl}/demo/config.json`).catch(() => undefined);
  return response?.ok ? response.json() : assumed();
}

/** Any Keyturn server: one model, and validate_token as the route that every one of them has. */
function assumed(): Description {
  const mountAt = settings["VITE_MOUNT_AT"] ?? "/auth";
  const model: Model = {
    name: settings["VITE_MODEL"] ?? "user",
    mountAt,
    confirmable: true,
    registration: true,
    path: settings["VITE_PATH"] ?? `${mountAt}/validate_token`,
    fields: [],
    providers: [],
  };
  return {
    models: [model],
    groups: [],
    window: Number(settings["VITE_WINDOW"] ?? 5000),
    rotates: true,
    batchResponses: "repeat",
    lostResponses: settings["VITE_LOST_RESPONSES"] === "expire" ? "expire" : "recover",
    headerNames: {},
    passwordMinLength: 8,
    inbox: false,
    events: false,
    examples: [],
  };
}
