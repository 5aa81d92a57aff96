/** Where the demo's identity provider keeps what is under way: in this process. oidc-provider's own does the same, and warns of it. */

const rows = new Map();

export class IdentityStore {
  /** @param {string} model */
  constructor(model) {
    this.model = model;
  }

  async upsert(id, payload, expiresIn) {
    const ends = Date.now() + (expiresIn ?? 600) * 1000;
    for (const [key, row] of rows) if (row.ends <= Date.now()) rows.delete(key);
    rows.set(this.#key(id), { payload, ends });
  }

  async find(id) {
    const row = rows.get(this.#key(id));
    return row && row.ends > Date.now() ? row.payload : undefined;
  }

  async findByUid(uid) {
    return this.#first((payload) => payload.uid === uid);
  }

  async findByUserCode(userCode) {
    return this.#first((payload) => payload.userCode === userCode);
  }

  async consume(id) {
    const row = rows.get(this.#key(id));
    if (row) row.payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    rows.delete(this.#key(id));
  }

  async revokeByGrantId(grantId) {
    for (const [key, { payload }] of rows) if (payload.grantId === grantId) rows.delete(key);
  }

  #first(isMeant) {
    for (const [key, { payload }] of rows)
      if (key.startsWith(`${this.model}:`) && isMeant(payload)) return payload;
    return undefined;
  }

  #key(id) {
    return `${this.model}:${id}`;
  }
}
