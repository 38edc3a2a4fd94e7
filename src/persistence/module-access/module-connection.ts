/** How the process of a module reaches its database. */
export type ModuleConnection =
  | {
      readonly kind: 'postgres';
      /** With the role and the password of the module. */
      readonly url: string;
      readonly poolSize: number;
    }
  | {
      readonly kind: 'embedded';
      /** Has the Unix socket that the host serves. */
      readonly folder: string;
      readonly poolSize: number;
    };

/** What the file of PostgreSQL's Unix socket is called, for port 5432. */
export const SOCKET_NAME = '.s.PGSQL.5432';
