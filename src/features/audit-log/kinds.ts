import type { EventName } from "../../events.js";

/**
 * What an event is to the audit log. A `change` of an account, or of who may get in, is kept long. A `session` is a sign-in or a sign-out, and
 * each one has its row. A `refusal` is what anybody can cause any number of times: what is alike within an hour shares a row.
 */
export type AuditKind = "change" | "session" | "refusal";

/** Every event: whoever adds one says here how long it is kept. */
export const auditKinds: Readonly<Record<EventName, AuditKind>> = {
  "account.registered": "change",
  "account.confirmed": "change",
  "account.updated": "change",
  "account.deleted": "change",
  "account.email_changed": "change",
  "account.locked": "change",
  "account.unlocked": "change",
  "account.disabled": "change",
  "account.enabled": "change",
  "invitation.created": "change",
  "invitation.withdrawn": "change",
  "invitation.refused": "refusal",
  "sign_in.succeeded": "session",
  "sign_in.failed": "refusal",
  "session.created": "session",
  "session.ended": "session",
  "session.expired": "refusal",
  "device.forgotten": "change",
  "password.reset_requested": "refusal",
  "password.changed": "change",
  "password.change_failed": "refusal",
  "password.breach_check_failed": "refusal",
  "identity.linked": "change",
  "identity.unlinked": "change",
  "token.late": "refusal",
  "token.reused": "refusal",
  "token.ahead": "refusal",
  "token.forged": "refusal",
  "request.cross_site": "refusal",
  "redirect.refused": "refusal",
  "limit.met": "refusal",
  "limits.store_away": "refusal",
  "limits.store_back": "refusal",
  "clock.offset": "refusal",
  "bot_check.failed": "refusal",
  "bot_check.unavailable": "refusal",
  "bot_check.available": "refusal",
  "mails.near_limit": "refusal",
  "proxy.unlisted": "refusal",
  "mail.failed": "refusal",
  "audit.write_failed": "refusal",
  "audit.dropped": "refusal",
};
