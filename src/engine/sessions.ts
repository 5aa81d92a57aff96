import type { Account, Model } from "../accounts/models.js";
import type { FoundSession, Session, Store } from "../database/port.js";
import { AuthError } from "../errors.js";
import { accountIds, type Emit } from "../events.js";
import { randomId } from "./random.js";
import {
  hashSecret,
  newSecret,
  nextSecret,
  type RawToken,
  type TokenIssuer,
  type VerifiedToken,
} from "./token.js";
import { createRejectionHandler, type ReuseSettings } from "./token-reuse.js";
import { judge, type RotationSettings, type RotationState } from "./verdict.js";

/** What a client shows to prove who it is. */
export interface Credentials {
  readonly accessToken: string;
  readonly client: string;
  readonly uid: string;
}

export interface SessionSettings extends RotationSettings, ReuseSettings {
  readonly batchResponses: "repeat" | "omit";
  /** Milliseconds a session lives after its last rotation. */
  readonly tokenLifespan: number;
  /** Milliseconds after which an unused session is over; `null`: `tokenLifespan` alone says. */
  readonly idleTimeout: number | null;
  /** Milliseconds after sign-in at which a session is over in any case; `null`: never. */
  readonly sessionLifetime: number | null;
  readonly maxNumberOfDevices: number;
}

/** One request's part in the rotation: who asked, and what the answer carries. */
export interface Authentication {
  readonly model: Model;
  readonly account: Account;
  readonly session: Session;
  /** The token for the answer; `undefined` in a batch answer that carries none (`batchResponses: "omit"`). */
  readonly token: RawToken | undefined;
  /** Unix seconds. */
  readonly expiry: number;
  /** Generation of the token that the request showed. */
  readonly presentedGeneration: number;
}

/** From where a session is opened: shown in the list of devices. */
export interface Device {
  readonly userAgent: string | null;
  readonly address: string | null;
  readonly label: string | null;
}

export interface AuthenticateOptions {
  readonly address: string | null;
  /** Let in a session that may only set the password. Default `false`. */
  readonly limited?: boolean;
  /** The answer carries a real token, also in a batch. */
  readonly unbatch?: boolean;
}

export interface CreateSessionOptions {
  /** The caller's own id for it. */
  readonly client?: string;
  /** Hash of the reset ticket until whose redemption it can only set the password. */
  readonly limitedTo?: string;
  /** The password hash that was verified: nothing is opened if it is another one by now. */
  readonly passwordHash?: string;
}

/** How long a session lives that a reset link opened: it can only set the password until it has done so. */
const resetSessionLifetime = 15 * 60 * 1000;

/** Sessions of all models over one store. */
export interface Sessions {
  /** Opens a session for an account that has just proved itself. */
  create(
    model: Model,
    account: Account,
    device: Device,
    options?: CreateSessionOptions,
  ): Promise<Authentication>;
  /** Gives an existing session of the account a fresh token. */
  renew(model: Model, account: Account, client: string): Promise<Authentication | undefined>;
  /** The turn of whoever shows these credentials to any of these models; `undefined`: nobody that is known. */
  authenticate(
    models: readonly Model[],
    credentials: Credentials,
    options: AuthenticateOptions,
  ): Promise<Authentication | undefined>;
  /** Whether a token is good for an account, now. Writes nothing and reports nothing. */
  isValid(model: Model, account: Account, accessToken: string, client: string): Promise<boolean>;
  /** A turn for a token that the server's own code holds. Does not look whether the token is good. */
  authenticationOf(
    model: Model,
    account: Account,
    accessToken: string,
    client: string,
  ): Promise<Authentication | undefined>;
  /** For a slow request: keeps the token it was asked with good. `false` once its answer's token is stale. */
  extendWindow(authentication: Authentication): Promise<boolean>;
}

interface SessionsOptions {
  readonly store: Store;
  readonly issuerOf: (model: Model) => TokenIssuer;
  readonly settings: SessionSettings;
  readonly emit: Emit;
  /** This server's clock: only for guessing whether a rotation is due. The database's decides. */
  readonly now: () => number;
  /** Milliseconds since some moment, whatever is done to the clock. Default: `performance.now`. */
  readonly stopwatch?: () => number;
}

export function createSessions(parts: SessionsOptions): Sessions {
  const { store, issuerOf: mintOf, settings, now, emit, stopwatch = () => performance.now() } = parts;
  const refuse = createRejectionHandler(parts);
  const window = settings.batchRequestBufferThrottle;
  const lifespan = Math.min(settings.tokenLifespan, settings.idleTimeout ?? Number.POSITIVE_INFINITY);
  const resetLifespan = Math.min(resetSessionLifetime, lifespan, settings.sessionLifetime ?? lifespan);

  // Clients order answers by expiry, in whole seconds. Where the absolute end is what bounds it, all generations would say the same;
  // so what is announced keeps a second free for each rotation that can still come. The row decides when the session is over.
  function expiryOf({ expiresAt, endsAt, rotatedAt }: Session): number {
    if (endsAt === null || settings.sessionLifetime === null || window <= 1000)
      return Math.floor(expiresAt / 1000);
    return Math.floor(Math.min(expiresAt, endsAt - ((endsAt - rotatedAt) / window) * 1000) / 1000);
  }

  async function rotate(
    model: Model,
    token: VerifiedToken,
    { client, uid }: Credentials,
    address: string | null,
  ): Promise<Authentication | "outrun" | "missed" | undefined> {
    const nonce = randomId();
    const secret = nextSecret(token.secret, nonce);
    const found = await store.sessions.rotate(model, {
      client,
      uid,
      tokenHash: hashSecret(token.secret),
      nextTokenHash: hashSecret(secret),
      nonce,
      window,
      lifespan,
      address,
    });
    if (!found || typeof found === "string") return found;
    const { session, account } = found;
    const raw = mintOf(model).issue(client, session.generation, session.rotatedAt, secret);
    return {
      model,
      account,
      session,
      token: raw,
      expiry: expiryOf(session),
      presentedGeneration: token.generation,
    };
  }

  async function admit(
    model: Model,
    token: VerifiedToken,
    credentials: Credentials,
    options: AuthenticateOptions,
  ): Promise<Authentication | undefined> {
    let outrun = false;
    let missed = false;
    const asked = stopwatch();
    // The token says when its generation began, so the server can guess whether a rotation is due, and ask the database once.
    if (settings.changeHeadersOnEachRequest && now() - token.began >= window) {
      const authentication = await rotate(model, token, credentials, options.address);
      if (authentication && typeof authentication !== "string") return authentication;
      outrun = authentication === "outrun";
      missed = authentication === "missed";
    }
    // A rotation is lost only to another one, and then the token is no longer current: two rounds are enough, a third is for a
    // clock that was set back in between.
    for (let round = 0; round < 3; round++) {
      const found = await store.sessions.find(model, credentials.client);
      if (!found || !knowsUid(found, credentials.uid)) return undefined;
      if (found.session.limitedTo !== null && !options.limited) return undefined;
      // Whoever rotated while this request was here was faster, and this one has not come late.
      if (missed) outrun = found.now - found.session.rotatedAt <= Math.ceil(stopwatch() - asked);
      const verdict = judge(
        token,
        outrun ? heldOpen(found.session) : found.session,
        found.now,
        rulesFor(found.session),
      );
      if (verdict.kind === "refuse") {
        await refuse(verdict.reason, found, model, options.address);
        return undefined;
      }
      if (verdict.kind === "accept") {
        const { session, account } = found;
        const blank = verdict.batch && settings.batchResponses === "omit" && !options.unbatch;
        const raw = session.generation === token.generation ? token.raw : undefined;
        return {
          model,
          account,
          session,
          token: blank
            ? undefined
            : (raw ??
              mintOf(model).issue(session.client, session.generation, session.rotatedAt, verdict.secret)),
          expiry: expiryOf(session),
          presentedGeneration: token.generation,
        };
      }
      const authentication = await rotate(model, token, credentials, options.address);
      if (authentication && typeof authentication !== "string") return authentication;
      outrun = true;
      missed = false;
    }
    throw new AuthError("unavailable");
  }

  // A session from a reset link keeps its one token until the password is set.
  function rulesFor(session: Session): RotationSettings {
    return session.limitedTo === null ? settings : { ...settings, changeHeadersOnEachRequest: false };
  }

  return {
    async create(model, account, device, options = {}) {
      const client = options.client ?? randomId();
      const secret = newSecret();
      const limited = options.limitedTo !== undefined;
      const session = await store.sessions.create(model, {
        client,
        accountId: String(account.id),
        tokenHash: hashSecret(secret),
        limitedTo: options.limitedTo ?? null,
        passwordHash: options.passwordHash ?? null,
        // No longer than the session that becomes of it: clients keep the token with the latest expiry.
        lifespan: limited ? resetLifespan : lifespan,
        lifetime: limited ? resetSessionLifetime : settings.sessionLifetime,
        limit: settings.maxNumberOfDevices,
        ...device,
      });
      // The account was deleted between its proof and this step.
      if (!session) throw new AuthError("invalid_credentials");
      emit("session.created", {
        ...accountIds(model, account),
        client,
        ...(device.address === null ? {} : { address: device.address }),
      });
      const token = mintOf(model).issue(client, session.generation, session.rotatedAt, secret);
      return {
        model,
        account,
        session,
        token,
        expiry: expiryOf(session),
        presentedGeneration: session.generation,
      };
    },
    async renew(model, account, client) {
      const secret = newSecret();
      const session = await store.sessions.renew(
        model,
        String(account.id),
        client,
        hashSecret(secret),
        lifespan,
      );
      if (!session) return undefined;
      const token = mintOf(model).issue(client, session.generation, session.rotatedAt, secret);
      return {
        model,
        account,
        session,
        token,
        expiry: expiryOf(session),
        presentedGeneration: session.generation,
      };
    },
    authenticate(models, credentials, options) {
      for (const model of models) {
        const token = mintOf(model).verify(credentials.client, credentials.accessToken);
        if (token) return admit(model, token, credentials, options);
      }
      return Promise.resolve(undefined);
    },
    async isValid(model, account, accessToken, client) {
      const token = mintOf(model).verify(client, accessToken);
      const found = token && (await store.sessions.find(model, client));
      if (!found || found.session.limitedTo !== null || String(found.account.id) !== String(account.id))
        return false;
      return judge(token, found.session, found.now, settings).kind !== "refuse";
    },
    async authenticationOf(model, account, accessToken, client) {
      const found = await store.sessions.find(model, client);
      if (!found || String(found.account.id) !== String(account.id)) return undefined;
      const { session } = found;
      return {
        model,
        account,
        session,
        token: accessToken as RawToken,
        expiry: expiryOf(session),
        presentedGeneration: session.generation,
      };
    },
    async extendWindow(authentication) {
      const generation = await store.sessions.extendWindow(
        authentication.session.client,
        authentication.presentedGeneration,
        window,
      );
      return generation === authentication.session.generation;
    },
  };
}

function knowsUid({ session, account }: FoundSession, uid: string): boolean {
  return uid === account.uid || (session.previousUid !== null && uid === session.previousUid);
}

// Whoever was current when the row was read and lost the race has not come late, however short the window is.
function heldOpen(session: Session): RotationState {
  return { ...session, windowExtendedUntil: Number.POSITIVE_INFINITY };
}
