import { hash } from "node:crypto";
import { normaliseEmail } from "../../accounts/email-address.js";
import type { Model } from "../../accounts/models.js";
import type { ParamValues } from "../../accounts/overrides.js";
import { checkFields, fitsField, startChecks } from "../../accounts/validation.js";
import type { AccountRecord } from "../../database/account-port.js";
import type { Identity, NewIdentity } from "../../database/identity-port.js";
import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import type { Steps } from "../call.js";
import type { Caller } from "../caller.js";
import { announceAddedIdentity } from "../identity-notices.js";
import { checkInvited, needInvitation } from "../invitation.js";
import type { Services } from "../services.js";
import { type RegistrationAttempt, runSteps } from "../steps.js";
import type { Exchanged } from "./exchange.js";
import { decryptTokens, encryptTokens } from "./provider-tokens.js";
import type { Profile, Provider } from "./providers/provider.js";

/** Somebody whom a provider has named, on the way to an account. */
export interface Arrival {
  readonly services: Services;
  readonly steps: Steps;
  readonly model: Model;
  readonly caller: Caller;
  /** What the configuration calls the provider. */
  readonly name: string;
  readonly provider: Provider;
  readonly exchanged: Exchanged;
  /** The model's own fields that the client sent. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** What the app permits for hooks of its own. */
  readonly params: ParamValues;
  /** Hash of the token of an invitation. */
  readonly invitation: string | null;
  readonly config: string | null;
  /** Where a confirmation mail leads. */
  readonly origin: string | undefined;
}

export interface Arrived {
  readonly record: AccountRecord;
  readonly isNew: boolean;
  /** The identity that it was found by: only while the account has it, its session opens. */
  readonly identityId: string;
}

type Found = Omit<Arrived, "identityId">;

const longestSubject = 255;
/** How long a name is kept for an account that did not come about: some providers tell it once. */
const nameLife = 30 * 24 * 60 * 60 * 1000;
/** Somebody else may make, link or delete the account at the same moment. */
const attempts = 4;

/**
 * The account of somebody whom a provider has named. It is found by the identity and by nothing else; an account with the same address is
 * linked if both sides have verified that address; otherwise there is a new one. Throws AuthError `identity_unproven`, `email_taken`,
 * `email_required`, `registration_disabled`, `invalid`.
 */
export async function accountOf(arrival: Arrival): Promise<Arrived> {
  const identity = await identityOf(arrival);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const found = (await returning(arrival, identity)) ?? (await newcomer(arrival, identity));
    if (found) return { ...found, identityId: identity.id };
  }
  throw new AuthError("unavailable", { cause: new Error("An identity changed hands at each attempt") });
}

/** The identity as it is stored. Throws AuthError `identity_unproven` for a subject that cannot be one. */
export async function identityOf({
  services,
  model,
  name,
  provider,
  exchanged,
}: Arrival): Promise<NewIdentity> {
  const { profile, tokens } = exchanged;
  const { subject } = profile;
  if (subject === null || !isSubject(subject))
    throw new AuthError("identity_unproven", {
      subject: provider.label,
      cause: new Error("The profile names nobody"),
    });
  const id = identityId(model, provider.issuer, subject);
  const email = addressOf(profile);
  return {
    id,
    issuer: provider.issuer,
    subject,
    provider: name,
    name: cut(profile.name) ?? (await rememberedName(services, id)),
    email,
    tokens: provider.keepTokens ? encryptTokens(services.settings.serverKeys, id, tokens) : null,
  };
}

// What JavaScript makes of a missing id would be one account for everybody.
function isSubject(text: string): boolean {
  if (text.trim() === "" || text.length > longestSubject || /\p{Cc}/u.test(text)) return false;
  return !["undefined", "null", "NaN", "[object Object]"].includes(text);
}

/** The key of an identity, of one model. */
function identityId({ name }: Model, issuer: string, subject: string): string {
  return hash("sha256", JSON.stringify([name, issuer, subject]), "base64url");
}

// The uid of an account with a password is its address: an app that reads uids must not take one person for the other.
function uidOf({ id, subject }: NewIdentity): string {
  return subject.normalize("NFKC").includes("@") ? id : subject;
}

/** Keeps a name for later, when the account could not be made now. */
async function rememberName({ store }: Services, { id, name }: NewIdentity): Promise<void> {
  if (name === null) return;
  await store.flows.put({ kind: "name", hash: id, data: JSON.stringify(name), lifespan: nameLife });
}

async function rememberedName({ store }: Services, id: string): Promise<string | null> {
  const kept = await store.flows.find("name", id);
  return kept ? String(JSON.parse(kept.data)) : null;
}

// The address and the fields are the account's own by now: later sign-ins change neither.
async function returning(
  { services, model, name }: Arrival,
  identity: NewIdentity,
): Promise<Found | undefined> {
  const { identities, accounts } = services.store;
  const known = await identities.find(model, identity.id);
  if (known) {
    const { name: newName, email } = identity;
    const tokens = tokensToKeep(services, identity, known);
    await identities.update(model, identity.id, { name: newName, email, tokens });
    const record = await accounts.find(model, known.accountId);
    if (record) return { record, isNew: false };
    // The app has deleted its row and nothing else. Whoever comes now is somebody new.
    await identities.dropOrphan(model, identity.id);
  }
  // An account that devise_token_auth made: its provider and uid are the identity.
  const older = name === "email" ? undefined : await accounts.findByUid(model, name, identity.subject);
  if (!older) return undefined;
  const { subject: uid } = identity;
  const linked = await identities.link(model, String(older.account.id), identity, { uid });
  return linked === "linked" ? { record: older, isNew: false } : undefined;
}

/** Google and others give a refresh token at the first consent only: a later sign-in without one keeps the one that is there. */
function tokensToKeep(
  { settings: { serverKeys } }: Services,
  { id, tokens }: NewIdentity,
  known: Identity,
): string | undefined {
  const next = tokens === null ? undefined : decryptTokens(serverKeys, id, tokens);
  if (!next || next.refreshToken !== null || known.tokens === null) return tokens ?? undefined;
  const refreshToken = decryptTokens(serverKeys, id, known.tokens)?.refreshToken ?? null;
  return encryptTokens(serverKeys, id, { ...next, refreshToken });
}

async function newcomer(arrival: Arrival, identity: NewIdentity): Promise<Found | undefined> {
  const { services, model, exchanged, provider } = arrival;
  const { email } = identity;
  const existing = email === null ? undefined : await services.store.accounts.findByEmail(model, email);
  try {
    if (!existing) return await register(arrival, identity);
    // Without a mail that somebody opened, the address here is nobody's proof.
    const isProvenHere = model.confirmable && model.reconfirmable;
    if (!exchanged.profile.emailVerified || !isProvenHere)
      throw new AuthError("email_taken", { subject: provider.label });
    return await join(arrival, identity, existing);
  } catch (error) {
    await rememberName(services, identity);
    throw error;
  }
}

/** Both sides have verified the address; or only the provider has, and then nothing of whoever made the account may survive. */
async function join(
  { services, model }: Arrival,
  identity: NewIdentity,
  { account, confirmedAt }: AccountRecord,
): Promise<Found | undefined> {
  const { identities, accounts } = services.store;
  const id = String(account.id);
  const email = identity.email ?? "";
  if (confirmedAt === null) {
    const claimed = await identities.claim(model, id, email, identity);
    if (!claimed || claimed === "taken") return undefined;
    const reason = `${identity.provider}: the account was unconfirmed, so its password and sessions are gone`;
    services.emit("identity.linked", { ...accountIds(model, account), reason });
    return { record: claimed, isNew: false };
  }
  if ((await identities.link(model, id, identity, { confirmedEmail: email })) !== "linked") return undefined;
  const record = await accounts.find(model, id);
  if (record) announceAddedIdentity(services, model, record, identity.provider);
  return record && { record, isNew: false };
}

async function register(arrival: Arrival, identity: NewIdentity): Promise<Found | undefined> {
  const { services, steps, model, caller, provider, exchanged, config } = arrival;
  const { email } = identity;
  if (model.registration === false) throw new AuthError("registration_disabled");
  const invitation = await needInvitation(arrival, arrival.invitation ?? undefined);
  checkInvited(arrival, invitation, email);
  if (email === null && model.emailRequired)
    throw new AuthError("email_required", { subject: provider.label });
  const checks = startChecks();
  const given = checkFields(
    model,
    { ...profileFields(model, exchanged.profile), ...arrival.fields, ...invitation?.fields },
    "sign_up",
    checks,
  );
  checks.done({});
  const own = { ...profileFields(model, exchanged.profile), ...given, ...invitation?.fields };
  const origin = { via: "provider", provider: arrival.name } as const;
  const { params } = arrival;
  const { fields, skipsConfirmation } = await services.hooks.beforeCreate(model, {
    email: email ?? "",
    fields: own,
    params,
    origin,
  });
  // Also where nobody has to confirm anything: the owner of an address can take it back as long as nobody has proved it.
  const confirmed =
    email === null || exchanged.profile.emailVerified || skipsConfirmation || invitation?.isProof === true;
  await services.limits.request("registration", model, caller);
  if (email !== null && !confirmed && model.confirmable) {
    await services.mailTotal.refuseIfSpent("strangers");
    await services.limits.mail(model, email, "registration");
  }
  const record = await services.store.identities.register(
    model,
    {
      provider: identity.provider,
      uid: uidOf(identity),
      email,
      passwordHash: null,
      confirmed,
      invitation: invitation?.hash,
      fields,
    },
    identity,
  );
  if (record === "taken") return undefined;
  const attempt: RegistrationAttempt = {
    services,
    model,
    caller,
    signUp: {
      email,
      password: undefined,
      passwordConfirmation: undefined,
      values: fields,
      params,
      confirmSuccessUrl: arrival.origin,
      config: config ?? undefined,
    },
    origin,
    record,
    ...(invitation ? { invitation } : {}),
  };
  await runSteps(steps.providerRegistration, attempt);
  return { record, isNew: true };
}

/** What of a profile the model has fields for, as devise_token_auth fills them. What does not fit stays out. */
function profileFields(model: Model, { name, nickname, image }: Profile): Readonly<Record<string, unknown>> {
  const told: Readonly<Record<string, string | null>> = { name, nickname, image };
  return Object.fromEntries(
    model.fields.flatMap((field) => {
      // What people are found by, nobody gets from elsewhere: it may be somebody's already.
      if (model.authenticationKeys.some((key) => key.name === field.name)) return [];
      const value = Object.hasOwn(told, field.name) ? told[field.name] : null;
      return typeof value === "string" && fitsField(field, value) ? [[field.name, value] as const] : [];
    }),
  );
}

function addressOf({ email }: Profile): string | null {
  const read = normaliseEmail(email);
  return read.ok ? read.email : null;
}

function cut(text: string | null): string | null {
  const plain = text?.replace(/\p{Cc}/gu, "").slice(0, longestSubject) ?? "";
  return plain.trim() === "" ? null : plain;
}
