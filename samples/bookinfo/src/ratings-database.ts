import { createPool, type Pool, type RowDataPacket } from "mysql2/promise";
import { type RatingsStore, StoreProblem } from "./ratings-store.ts";
import { type Env, readNumber } from "./settings.ts";

/** Below the patience of reviews v3 (2.5 s), so that a database that is away is told, not guessed. */
const CONNECT_MS = 2000;

/**
 * v2: ratings in MariaDB. Reads MYSQL_DB_HOST, MYSQL_DB_PORT (3306), MYSQL_DB_USER (bookinfo), MYSQL_DB_PASSWORD and
 * MYSQL_DB_NAME (bookinfo). Connects when it is first asked, so it may start before the database does.
 */
export function databaseRatings(env: Env): RatingsStore {
  const host = env["MYSQL_DB_HOST"] || "mysqldb";
  const port = readNumber(env, "MYSQL_DB_PORT", 3306, 65_535);
  const pool = createPool({
    host,
    port,
    user: env["MYSQL_DB_USER"] || "bookinfo",
    password: env["MYSQL_DB_PASSWORD"] ?? "",
    database: env["MYSQL_DB_NAME"] || "bookinfo",
    connectionLimit: 8,
    connectTimeout: CONNECT_MS,
  });
  const at = `${host}:${port}`;
  return {
    read: async (id) => {
      const rows = await query(pool, at, "SELECT reviewer, stars FROM ratings WHERE product_id = ? ORDER BY reviewer", [
        id,
      ]);
      return Object.fromEntries(rows.map((row) => [String(row["reviewer"]), Number(row["stars"])]));
    },
    write: async (id, reviewer, stars) => {
      const statement =
        "INSERT INTO ratings (product_id, reviewer, stars) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE stars = VALUES(stars)";
      await query(pool, at, statement, [id, reviewer, stars]);
    },
    close: () => pool.end(),
  };
}

async function query(pool: Pool, at: string, sql: string, values: (string | number)[]): Promise<RowDataPacket[]> {
  try {
    const [rows] = await pool.execute<RowDataPacket[]>({ sql, values, timeout: CONNECT_MS });
    return rows;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StoreProblem(
      `the database at ${at} cannot be asked: ${[code, message].filter(Boolean).join(" ") || "no connection"}`,
    );
  }
}
