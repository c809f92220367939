/** The longest that a grant may last, in days. */
export const maxGrantDays = 365;

/** The longest that the address of a manifest may be used, in minutes: it opens without signing in. */
export const maxManifestMinutes = 60;

/** How long a verification Job of a manifest may report, in hours. */
export const reportHours = 24;
