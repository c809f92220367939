import { config } from "zod/v4/core";

/**
 * Next runs this before any other script of a page. Zod looks for eval when its first schema is made, and our
 * Content-Security-Policy would report the attempt as a violation each time.
 */
config({ jitless: true });
