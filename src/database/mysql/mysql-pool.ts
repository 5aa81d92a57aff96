import mysql2, { type Pool, type PoolConnection } from "mysql2";
import { sslMode, sslOf } from "./ssl-mode.js";

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
