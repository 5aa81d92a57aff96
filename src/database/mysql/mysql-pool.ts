import mysql2, { type Pool, type PoolConnection, type SslOptions } from "mysql2";

/** Milliseconds, both for opening a connection and for waiting until one is free. */
const connectionTimeout = 5000;

export function openPool(url: string, connections = 10): Pool {
  const ssl = sslOf(url);
  return mysql2.createPool({
    uri: url.replace(/^mariadb:/, "mysql:").replace(sslMode, ""),
    connectionLimit: connections,
    connectTimeout: connectionTimeout,
    // A peer that vanished without a word is noticed within minutes, not hours.
    keepAliveInitialDelay: 10_000,
    charset: "utf8mb4",
    // A server has room for 16382 of all its clients; an update of an account is another statement for each choice of fields.
    maxPreparedStatements: 200,
    ...(ssl && { ssl }),
  });
}

const sslMode = /(?<=[?&])ssl-mode=([^&#]*)&?/i;

/**
 * What a URL's `ssl-mode` asks for, in the words of MySQL's own clients (its manual, "Command Options for Encrypted Connections").
 * mysql2 knows only `ssl`, and would send everything in clear. Throws a TypeError over what is none of these words.
 */
export function sslOf(url: string): SslOptions | undefined {
  const mode = sslMode.exec(url)?.[1]?.toUpperCase();
  switch (mode) {
    case undefined:
    case "DISABLED":
    case "PREFERRED":
      return undefined;
    case "REQUIRED":
      return { rejectUnauthorized: false };
    case "VERIFY_CA":
      return { rejectUnauthorized: true };
    case "VERIFY_IDENTITY":
      return { rejectUnauthorized: true, verifyIdentity: true };
    default:
      throw new TypeError(
        "The ssl-mode of a mysql:// URL is DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY",
      );
  }
}

// The pool itself would wait for ever.
export function acquire(pool: Pool): Promise<PoolConnection> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(new Error("No connection became free in time"));
    }, connectionTimeout);
    pool.getConnection((error, connection) => {
      clearTimeout(timer);
      if (error) reject(error);
      else if (isLate) connection.release();
      else resolve(connection);
    });
  });
}
