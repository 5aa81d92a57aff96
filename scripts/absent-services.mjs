/** Says at the end of a run which tests were skipped because a service is absent. */
import { existsSync } from "node:fs";

const services = [
  { name: "PostgreSQL", variable: "TEST_POSTGRES_URL" },
  { name: "MySQL/MariaDB", variable: "TEST_MYSQL_URL" },
  { name: "Redis", variable: "TEST_REDIS_URL" },
  { name: "browser", variable: "CHROMIUM", found: () => existsSync("/usr/bin/chromium") },
  {
    name: "old clients in a browser",
    variable: "CI",
    found: () => existsSync(new URL("../test/old-clients/node_modules", import.meta.url)),
  },
];

export default class AbsentServices {
  onTestRunEnd() {
    for (const { name, variable, found } of services) {
      if (!process.env[variable] && !found?.()) console.log(`skipped: ${name} (${variable} not set)`);
    }
  }
}
