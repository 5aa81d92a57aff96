import { accountIds } from "../../events.js";
import { signIn } from "./sign-in.js";
import { AuthError } from "../../errors.js";
import type { SessionJson } from "../../protocol.js";
import { type Action, admit, signOut } from "../../http/call.js";
import { json, withoutTimes } from "../../http/respond.js";

/** `POST /sign_in`: opens a session. */
export const create: Action = async (call) => {
  const { model, params, house } = call;
  call.turn = await signIn(house.domain, model, params.get("email"), params.get("password"), call.caller);
  return json(200, { data: await house.domain.hooks.answer(model, withoutTimes(call.turn.account)) });
};

/** `GET /sign_in`: the mistake of a client, not a page. */
export const createByGet: Action = async () => {
  throw new AuthError("sign_in_with_get");
};

/** `DELETE /sign_out`: ends this session, and no other. */
export const destroy: Action = async (call) => {
  const turn = await admit(call, { limited: true });
  if (!turn) throw new AuthError("not_signed_in");
  const { store, emit } = call.house.domain;
  await store.sessions.end(call.model, turn.session.accountId, turn.session.client);
  emit("session.ended", { ...accountIds(call.model, turn.account), client: turn.session.client });
  signOut(call);
  return json(200, { success: true });
};

/** `GET|POST /validate_token`: who these credentials belong to. */
export const validate: Action = async (call) => {
  const turn = await admit(call, { limited: true });
  if (!turn) throw new AuthError("invalid_token");
  const data = await call.house.domain.hooks.answer(call.model, withoutTimes(turn.account));
  return json(200, { success: true, data });
};

/** `GET /sessions`: the account's devices. */
export const list: Action = async (call) => {
  const turn = await admit(call);
  if (!turn) throw new AuthError("unauthenticated");
  const sessions = await call.house.domain.store.sessions.list(call.model, turn.session.accountId);
  const data = sessions.map(
    (session): SessionJson => ({
      id: session.client,
      current: session.client === turn.session.client,
      user_agent: session.userAgent,
      address: session.address,
      label: session.label,
      created_at: new Date(session.createdAt).toISOString(),
      last_seen_at: new Date(session.rotatedAt).toISOString(),
      expires_at: new Date(session.expiresAt).toISOString(),
    }),
  );
  return json(200, { success: true, data });
};

/** `DELETE /sessions/:id`: ends one of the account's sessions. */
export const destroyOne: Action = async (call) => {
  const turn = await admit(call);
  if (!turn) throw new AuthError("unauthenticated");
  const { store, emit } = call.house.domain;
  const id = call.path["id"] ?? "";
  if (!(await store.sessions.end(call.model, turn.session.accountId, id)))
    throw new AuthError("session_not_found");
  emit("session.ended", { ...accountIds(call.model, turn.account), client: id });
  if (id === turn.session.client) signOut(call);
  return json(200, { success: true });
};

/** `DELETE /sessions`: ends all of them but this one. */
export const destroyOthers: Action = async (call) => {
  const turn = await admit(call);
  if (!turn) throw new AuthError("unauthenticated");
  const { store, emit } = call.house.domain;
  const ended = await store.sessions.endAll(call.model, turn.session.accountId, turn.session.client);
  emit("session.ended", {
    ...accountIds(call.model, turn.account),
    reason: `all but ${turn.session.client}`,
  });
  return json(200, { success: true, data: { ended } });
};
