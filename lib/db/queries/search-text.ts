const longest = 200;

/** What someone typed into a search field; undefined when it is nothing. Postgres takes no NUL in text. */
export function searchWords(text: string | undefined): string | undefined {
  return (
    text
      ?.replace(/\p{Cc}/gu, " ")
      .trim()
      .slice(0, longest) || undefined
  );
}

/** A filter for text that has the words in it, in any case. Prisma hands `%` and `_` on to LIKE as wildcards. */
export function containing(words: string) {
  return { contains: words.replace(/[\\%_]/g, "\\$&"), mode: "insensitive" as const };
}
