import type { Generated } from "kysely";
import type { Model } from "../../accounts/models.js";

/** The tables as Kysely sees them. Times in unix milliseconds. */
export interface Schema {
  keyturn_sessions: SessionTable;
  keyturn_tickets: TicketTable;
  keyturn_identities: IdentityTable;
  keyturn_oauth_flows: FlowTable;
  keyturn_settings: { name: string; value: string };
  keyturn_devices: DeviceTable;
  keyturn_counters: { name: string; times: number; blocked_until: number; expires_at: number };
  keyturn_audit_log: AuditTable;
  /** Stands for the accounts table of whichever model a statement is built for. */
  accounts: AccountTable;
}

export interface SessionTable {
  client: string;
  model: string;
  account_id: string;
  limited_to: string | null;
  previous_uid: string | null;
  generation: number;
  token_hash: string;
  nonce: string | null;
  previous_nonce: string | null;
  rotated_at: number;
  window_extended_until: number;
  expires_at: number;
  ends_at: number | null;
  created_at: number;
  user_agent: string | null;
  address: string | null;
  label: string | null;
}

export interface TicketTable {
  hash: string;
  kind: string;
  model: string;
  account_id: string;
  email: string | null;
  expires_at: number;
  used_at: number | null;
  opened_since: number | null;
}

export interface DeviceTable {
  mark_hash: string;
  model: string;
  account_id: string;
  family: string;
  /** 1: the device has shown its mark; 0: it was only given it. */
  was_shown: number;
  first_seen_at: number;
  last_seen_at: number;
  expires_at: number;
}

export interface IdentityTable {
  id: string;
  model: string;
  account_id: string;
  issuer: string;
  subject: string;
  provider: string;
  name: string | null;
  email: string | null;
  created_at: number;
  last_used_at: number;
  tokens: string | null;
}

export interface FlowTable {
  hash: string;
  kind: string;
  data: string;
  expires_at: number;
  used_at: number | null;
}

export interface AuditTable {
  id: string;
  /** What the rows have in common that this one stands for; null for one that stands for itself, and once it says nothing of its caller. */
  fold: string | null;
  term: string;
  at: number;
  times: number;
  last_at: number;
  name: string;
  owasp: string;
  model: string | null;
  account_id: string | null;
  client: string | null;
  address: string | null;
  user_agent: string | null;
  reason: string | null;
  actor_kind: string | null;
  actor_name: string | null;
}

export interface AccountTable {
  id: Generated<number | string>;
  provider: string;
  uid: string;
  email: string | null;
  password_hash: string | null;
  confirmed_at: unknown;
  created_at: unknown;
  updated_at: unknown;
}

/** The one place where a model's table takes the place of `accounts` in a statement. */
export function accountsTable(model: Model): "accounts" {
  return model.table as "accounts";
}
