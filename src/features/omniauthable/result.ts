import { buildFragment, buildRedirect } from "../../config/build-redirect.js";
import type { Authentication } from "../../engine/authentication.js";
import type { ErrorCode } from "../../errors.js";
import type { Language } from "../../texts/language.js";
import { fill } from "../../texts/texts.js";
import type { RawReply } from "../call.js";
import type { Pages } from "../pages.js";
import type { FlowData } from "./flow.js";
import { openWindow, pageReply } from "./page.js";
import { resultScript } from "./result-script.js";

/** How a sign-in with a provider ended. */
export type Outcome =
  | {
      readonly kind: "credentials";
      readonly authentication: Authentication;
      /** The user JSON. */
      readonly user: Readonly<Record<string, unknown>>;
      readonly isNew: boolean;
    }
  | { readonly kind: "code"; readonly code: string; readonly isNew: boolean }
  | { readonly kind: "failure"; readonly error: ErrorCode };

/** Where a result goes, and how. */
export type Destination = Pick<FlowData, "origin" | "windowType" | "config" | "challenge">;

/** The response that hands a result over: in the way that the flow asked for, and to nobody but the origin it named. */
export function resultReply(
  destination: Destination,
  outcome: Outcome,
  options: {
    readonly status: 302 | 303;
    readonly language: Language;
    readonly pages: Pages;
    readonly headers: readonly (readonly [string, string])[];
  },
): RawReply {
  const next = nextUrl(destination, outcome);
  const { windowType } = destination;
  if (windowType === "sameWindow")
    return { status: options.status, headers: [["location", next], ...openWindow, ...options.headers] };
  const isFailure = outcome.kind === "failure";
  const { errors, omniauth } = options.language.texts;
  return pageReply(options.pages, {
    status: 200,
    language: options.language,
    title: isFailure ? omniauth.failed : omniauth.done,
    text: isFailure ? fill(errors[outcome.error], { subject: "" }).trim() : "",
    link: { href: next, label: omniauth.continue },
    data: {
      message: messageOf(destination, outcome),
      origin: originOf(destination.origin),
      next,
      inAppBrowser: windowType === "inAppBrowser",
    },
    script: resultScript,
    headers: options.headers,
  });
}

/** Where the browser goes on with the result: as devise_token_auth's redirect has it, or with a one-time code in the fragment. */
function nextUrl({ origin, config, challenge }: Destination, outcome: Outcome): string {
  if (outcome.kind === "code")
    return buildFragment(origin, {
      omniauth_code: outcome.code,
      ...configOf(config),
      ...registration(outcome, "true"),
    });
  if (outcome.kind === "failure")
    return challenge === null
      ? ownFragment(buildRedirect(origin, { blank: "true", error: outcome.error }))
      : buildFragment(origin, { blank: "true", ...configOf(config), error: outcome.error });
  const { authentication } = outcome;
  return ownFragment(
    buildRedirect(origin, {
      auth_token: authentication.token ?? "",
      blank: "true",
      client_id: authentication.session.client,
      config: config ?? "default",
      expiry: String(authentication.expiry),
      uid: authentication.account.uid,
      ...registration(outcome, "true"),
    }),
  );
}

/** What the opener gets. The names are those that old clients read. */
function messageOf({ config, challenge }: Destination, outcome: Outcome): object {
  if (outcome.kind === "failure")
    return {
      message: "authFailure",
      error: outcome.error,
      ...(challenge === null ? {} : configOf(config)),
    };
  if (outcome.kind === "code")
    return {
      message: "deliverCode",
      omniauth_code: outcome.code,
      ...configOf(config),
      ...registration(outcome, true),
    };
  const { authentication, user } = outcome;
  return {
    ...user,
    auth_token: authentication.token,
    client_id: authentication.session.client,
    uid: authentication.account.uid,
    expiry: authentication.expiry,
    config: config ?? "default",
    ...registration(outcome, true),
    message: "deliverCredentials",
  };
}

/** Which of a page's clients asked, where it said so: the verifier of another one does not fit the code, and would use it up. */
function configOf(config: string | null): { config?: string } {
  return config === null ? {} : { config };
}

function registration<Value>(
  { isNew }: { readonly isNew: boolean },
  value: Value,
): { oauth_registration?: Value } {
  return isNew ? { oauth_registration: value } : {};
}

/** The web origin of an address; none for an app's own scheme, whose origin would equal that of every sandboxed page. */
function originOf(url: string): string {
  const { origin } = new URL(url);
  return origin === "null" ? "" : origin;
}

// A browser carries the fragment of the callback over to an address that has none, such as Facebook's `#_=_`.
function ownFragment(url: string): string {
  return url.includes("#") ? url : `${url}#`;
}
