/** A slip of the pen is an error at its own line, and says so at start too. */
import { createAuth } from "keyturn";
import { authenticate } from "keyturn/express";
import { sqlite } from "keyturn/sqlite";

const parts = { baseUrl: "http://localhost:3000", database: sqlite(":memory:") } as const;

export const settings = () =>
  createAuth({
    ...parts,
    // @ts-expect-error
    tokenLifespann: "2w",
    models: { user: { mountAt: "/auth" } },
  });
export const capital = () =>
  createAuth({
    ...parts,
    // @ts-expect-error
    batchRequestBufferthrottle: "5s",
    models: { user: { mountAt: "/auth" } },
  });
export const nested = () =>
  createAuth({
    ...parts,
    // @ts-expect-error
    cors: { origin: ["https://app.example.com"] },
    models: { user: { mountAt: "/auth" } },
  });
export const value = () =>
  createAuth({
    ...parts,
    // @ts-expect-error
    lostResponses: "recovers",
    models: { user: { mountAt: "/auth" } },
  });
export const model = () =>
  createAuth({
    ...parts,
    models: {
      user: {
        mountAt: "/auth",
        // @ts-expect-error
        confirmible: true,
      },
    },
  });
export const secondModel = () =>
  createAuth({
    ...parts,
    models: {
      user: { mountAt: "/auth" },
      admin: {
        mountAt: "/admin_auth",
        // @ts-expect-error
        mountat: "/admin",
      },
    },
  });
export const modelValue = () =>
  createAuth({
    ...parts,
    models: {
      user: {
        mountAt: "/auth",
        // @ts-expect-error
        idType: "ulid",
      },
    },
  });
export const field = () =>
  createAuth({
    ...parts,
    models: {
      user: {
        mountAt: "/auth",
        fields: {
          name: {
            type: "string",
            // @ts-expect-error
            writeable: true,
          },
        },
      },
    },
  });
export const fieldType = () =>
  createAuth({
    ...parts,
    models: {
      user: {
        mountAt: "/auth",
        fields: {
          name: {
            // @ts-expect-error
            type: "text",
          },
        },
      },
    },
  });
export const column = () =>
  createAuth({
    ...parts,
    models: {
      user: {
        mountAt: "/auth",
        columns: {
          email: "mail",
          // @ts-expect-error
          pasword: "encrypted_password",
        },
      },
    },
  });
export const group = () =>
  createAuth({
    ...parts,
    models: { user: { mountAt: "/auth" } },
    groups: {
      member: [
        "user",
        // @ts-expect-error
        "admn",
      ],
    },
  });
export const hook = () =>
  createAuth({
    ...parts,
    models: { user: { mountAt: "/auth" } },
    hooks: {
      user: {
        // @ts-expect-error
        afterSignup: () => undefined,
      },
    },
  });

const auth = createAuth({ ...parts, models: { user: { mountAt: "/auth" } } });
export const audience = () =>
  authenticate(
    auth,
    // @ts-expect-error
    "usr",
  );
export const accounts = () =>
  auth.accounts.find(
    // @ts-expect-error
    "usr",
    1,
  );
