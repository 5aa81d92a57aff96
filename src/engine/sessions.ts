import type { Account, Model } from "../accounts/models.js";
import type { FoundSession, Session, Store } from "../database/port.js";
import type { TokenHash } from "../database/token-hash.js";
import { AuthError } from "../errors.js";
import { accountIds, callerDetails, type Emit } from "../events.js";
import type { AuthenticateOptions, Authentication, Credentials } from "./authentication.js";
import { createModelRules, resetSessionLifetime } from "./model-rules.js";
import { randomId } from "./random.js";
import { announcedExpiry, isOfNewSession, knowsUid, withOpenWindow } from "./rules.js";
import {
  hashSecret,
  newSecret,
  nextSecret,
  type RawToken,
  type TokenIssuer,
  type VerifiedToken,
} from "./token.js";
import { createRejectionHandler, type ReuseSettings } from "./token-reuse.js";
import { judge, type RejectionReason, type RotationSettings, type Verdict } from "./verdict.js";

export interface SessionSettings extends RotationSettings, ReuseSettings {
  readonly batchResponses: "repeat" | "omit";
  /** Milliseconds after sign-in at which a session expires in any case; `null`: never. */
  readonly sessionLifetime: number | null;
  readonly maxNumberOfDevices: number;
}

/** From where a session is opened: shown in the list of devices. */
export interface Device {
  readonly userAgent: string | null;
  readonly address: string | null;
  readonly label: string | null;
}

export interface CreateSessionOptions {
  /** The caller's own id for it. */
  readonly client?: string;
  /** Hash of the reset ticket until whose redemption it can only set the password. */
  readonly limitedTo?: string;
  /** What proved it: the password hash that was verified, or the identity. Nothing is opened if the account has another one by now. */
  readonly passwordHash?: string;
  readonly identityId?: string | undefined;
}

/** A token that replaces a session's own and does not follow from it. */
export interface Renewal {
  /** What the store writes, in the same step as the change that the renewal belongs to. */
  readonly tokenHash: TokenHash;
  /** The session with its new token; `undefined` if the session ended meanwhile. */
  finish(model: Model, client: string): Promise<Authentication | undefined>;
}

/** Sessions of all models over one store. */
export interface Sessions {
  /** Opens a session for an account that has just proved itself. Throws AuthError `invalid_credentials` if it is gone by then. */
  create(
    model: Model,
    account: Account,
    device: Device,
    options?: CreateSessionOptions,
  ): Promise<Authentication>;
  /** Gives an existing session of the account a new token; `undefined` if the account has no such session. */
  renew(model: Model, account: Account, client: string): Promise<Authentication | undefined>;
  /** A new token for a session, to be written with the change that makes it necessary, such as a new password. */
  startRenewal(): Renewal;
  /**
   * Authenticates whoever shows these credentials to any of these models. Returns why a token was refused that a server of ours
   * issued, and `undefined` for nobody that is known. Throws AuthError `unavailable`.
   */
  authenticate(
    models: readonly Model[],
    credentials: Credentials,
    options: AuthenticateOptions,
  ): Promise<Authentication | RejectionReason | undefined>;
  /** Whether a token is valid for an account, now. Writes nothing and reports nothing. */
  isValid(model: Model, account: Account, accessToken: string, client: string): Promise<boolean>;
  /** The authentication of a token that the server's own code holds. Does not look whether the token is valid. */
  authenticationOf(
    model: Model,
    account: Account,
    accessToken: string,
    client: string,
  ): Promise<Authentication | undefined>;
  /** For a slow request: keeps the token it was sent with valid. `false` once its response's token is stale. */
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
  const { store, issuerOf, settings, now, emit, stopwatch = () => performance.now() } = parts;
  const reject = createRejectionHandler(parts);
  const window = settings.batchRequestBufferThrottle;
  const rulesOf = createModelRules(settings);

  /** `presented`: the generation of the token that the request showed, where it showed one. */
  const authenticationFor = (
    model: Model,
    account: Account,
    session: Session,
    token: RawToken | undefined,
    presented = session.generation,
  ): Authentication => ({
    model,
    account,
    session,
    token,
    expiry: announcedExpiry(session, rulesOf(model).announced),
    presentedGeneration: presented,
  });
  const issue = (
    model: Model,
    { client, generation, rotatedAt }: Session,
    secret: Parameters<TokenIssuer["issue"]>[3],
  ): RawToken => issuerOf(model).issue(client, generation, rotatedAt, secret);

  // Requests with one token that come while it rotates wait for that rotation: whoever shows the same token gets the same successor.
  // So a row that is locked holds up one connection to the database, and not all.
  const underWay = new Map<RawToken, ReturnType<typeof writeRotation>>();

  function rotate(
    model: Model,
    token: VerifiedToken,
    credentials: Credentials,
    address: string | null,
  ): ReturnType<typeof writeRotation> {
    const other = underWay.get(token.raw);
    if (other) return other.then((outcome) => (typeof outcome === "object" ? "outrun" : outcome));
    const rotation = writeRotation(model, token, credentials, address);
    underWay.set(token.raw, rotation);
    const forget = (): boolean => underWay.delete(token.raw);
    rotation.then(forget, forget);
    return rotation;
  }

  async function writeRotation(
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
      lifespan: rulesOf(model).lifespan,
      address,
    });
    if (!found || typeof found === "string") return found;
    const { session, account } = found;
    return authenticationFor(model, account, session, issue(model, session, secret), token.generation);
  }

  function accept(
    model: Model,
    token: VerifiedToken,
    { session, account }: FoundSession,
    verdict: Extract<Verdict, { kind: "accept" }>,
    unbatch = false,
  ): Authentication {
    const isBlank = verdict.batch && settings.batchResponses === "omit" && !unbatch;
    const isCurrent = session.generation === token.generation;
    const raw = isBlank ? undefined : isCurrent ? token.raw : issue(model, session, verdict.secret);
    return authenticationFor(model, account, session, raw, token.generation);
  }

  async function authenticate(
    model: Model,
    token: VerifiedToken,
    credentials: Credentials,
    options: AuthenticateOptions,
  ): Promise<Authentication | RejectionReason | undefined> {
    const startedAt = stopwatch();
    let rotation: Awaited<ReturnType<typeof rotate>>;
    // The token says when its generation began, so the server can guess whether a rotation is due, and ask the database once.
    if (settings.changeHeadersOnEachRequest && now() - token.began >= window) {
      rotation = await rotate(model, token, credentials, options.address);
      if (rotation && typeof rotation !== "string") return rotation;
    }
    let find = store.sessions.find;
    /** Whether there is a copy left to ask that is up to date. */
    const looksAgain = (): boolean => {
      const isFirst = find !== store.sessions.findUpToDate;
      find = store.sessions.findUpToDate;
      return isFirst;
    };
    // A rotation is lost only to another one, and then the token is no longer current: two rounds are enough. A third is for a
    // clock that was set back in between, or for a row that was read from an old copy.
    for (let round = 0; round < 3; round++) {
      const found = await find(model, credentials.client);
      if (!found && isOfNewSession(token, now()) && looksAgain()) continue;
      if (!found || !knowsUid(found, credentials.uid)) return undefined;
      const { session } = found;
      if (session.limitedTo !== null && !options.limited) return undefined;
      // Whoever rotated while this request was here was faster, and this one has not come late.
      const isOutrun =
        rotation === "outrun" ||
        (rotation === "missed" && found.now - session.rotatedAt <= Math.ceil(stopwatch() - startedAt));
      const { settings: usual, limited } = rulesOf(model);
      const rules = session.limitedTo === null ? usual : limited;
      const verdict = judge(token, isOutrun ? withOpenWindow(session) : session, found.now, rules);
      if (verdict.kind === "accept") return accept(model, token, found, verdict, options.unbatch);
      if (verdict.kind === "rotate") {
        rotation = await rotate(model, token, credentials, options.address);
        if (rotation && typeof rotation !== "string") return rotation;
        rotation = "outrun";
        continue;
      }
      // A server of ours issued this token, so it may be the row that is old: a copy that has not followed yet.
      if (verdict.reason === "ahead" && looksAgain()) continue;
      await reject(verdict.reason, found, model, options);
      return verdict.reason;
    }
    throw new AuthError("unavailable");
  }

  return {
    async create(model, account, device, options = {}) {
      const client = options.client ?? randomId();
      const secret = newSecret();
      const { lifespan, resetLifespan, settings: own } = rulesOf(model);
      const session = await store.sessions.create(model, {
        client,
        accountId: String(account.id),
        tokenHash: hashSecret(secret),
        limitedTo: options.limitedTo ?? null,
        passwordHash: options.passwordHash ?? null,
        identityId: options.identityId,
        lifespan: options.limitedTo ? resetLifespan : lifespan,
        lifetime: options.limitedTo ? resetSessionLifetime : own.sessionLifetime,
        limit: settings.maxNumberOfDevices,
        ...device,
      });
      // The account was deleted, or what proved it has changed, between its proof and this step.
      if (!session) throw new AuthError("invalid_credentials");
      emit("session.created", { ...accountIds(model, account), client, ...callerDetails(device) });
      return authenticationFor(model, account, session, issue(model, session, secret));
    },
    async renew(model, account, client) {
      const secret = newSecret();
      const hash = hashSecret(secret);
      const { lifespan } = rulesOf(model);
      const session = await store.sessions.renew(model, String(account.id), client, hash, lifespan);
      return session && authenticationFor(model, account, session, issue(model, session, secret));
    },
    startRenewal() {
      const secret = newSecret();
      const tokenHash = hashSecret(secret);
      return {
        tokenHash,
        async finish(model, client) {
          const found = await store.sessions.findUpToDate(model, client);
          if (found?.session.tokenHash !== tokenHash) return undefined;
          const { account, session } = found;
          return authenticationFor(model, account, session, issue(model, session, secret));
        },
      };
    },
    authenticate(models, credentials, options) {
      for (const model of models) {
        const token = issuerOf(model).verify(credentials.client, credentials.accessToken);
        if (token) return authenticate(model, token, credentials, options);
      }
      return Promise.resolve(undefined);
    },
    async isValid(model, account, accessToken, client) {
      const token = issuerOf(model).verify(client, accessToken);
      const found = token && (await store.sessions.find(model, client));
      if (!found || found.session.limitedTo !== null || String(found.account.id) !== String(account.id))
        return false;
      return judge(token, found.session, found.now, rulesOf(model).settings).kind !== "refuse";
    },
    async authenticationOf(model, account, accessToken, client) {
      const found = await store.sessions.find(model, client);
      if (!found || String(found.account.id) !== String(account.id)) return undefined;
      return authenticationFor(model, account, found.session, accessToken as RawToken);
    },
    async extendWindow({ session, presentedGeneration }) {
      const generation = await store.sessions.extendWindow(session.client, presentedGeneration, window);
      return generation === session.generation;
    },
  };
}
