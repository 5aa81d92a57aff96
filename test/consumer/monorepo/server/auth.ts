import { createAuth } from "keyturn";
import { sqlite } from "keyturn/sqlite";
export const auth = createAuth({
  baseUrl: "https://api.example.com",
  database: sqlite(":memory:"),
  models: {
    user: { mountAt: "/auth", fields: { name: { type: "string" }, age: { type: "integer" } } },
    admin: { mountAt: "/admin_auth" },
  },
});
