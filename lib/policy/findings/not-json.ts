/**
 * What people paste where a policy's JSON is wanted, by what that alone has, with what to paste instead. Texts may be
 * long and of anybody: no expression here tries a character in more than a few ways.
 */
const others: { looksLike: RegExp; words: string }[] = [
  { looksLike: /^\s*%7B/i, words: "It is URL-encoded, as IAM's API gives policies: decode it first." },
  {
    looksLike: /^\uFEFF/,
    words: "It begins with a byte order mark, which is not seen: save it without one.",
  },
  {
    looksLike:
      /\bjsonencode[ \t]*\(|"aws_iam_policy_document"|<<-?"?(?:EOF|POLICY|JSON)\b|^[ \t]*(?:statement|resource "[^"\n]*" "[^"\n]*")[ \t]*\{/m,
    words: "It looks like Terraform: paste the JSON that it makes, as the plan shows it.",
  },
  {
    looksLike:
      /^[ \t]*(?:- )?(?:Version|Statement|Sid|Effect|PolicyDocument|AWSTemplateFormatVersion|Resources|apiVersion):(?:[ \t]|\r?$)/m,
    words: "It looks like YAML: paste the policy as JSON.",
  },
  { looksLike: /^\s*[{[]\s*'/, words: "Its quotation marks are single: JSON's are double." },
  { looksLike: /^\s*\{\s*[A-Za-z_]\w*\s*:/, words: "Its keys have no quotation marks: JSON's have." },
  {
    looksLike: /^\s*(?:\{\s*)?\\"/,
    words: "Its quotation marks are escaped: it is JSON within a text, and the text's content is wanted.",
  },
];

const beginsLikeJson = /^[ \t\r\n]*[{[]\s*["{}[\]]/;
const typographic = /[\u201C-\u201E]/;

/**
 * What a text that is not JSON seems to be; nothing where nobody can say, or where it is JSON with a mistake.
 *
 * @param at of the first error, in UTF-16 code units
 */
export function whatInstead(text: string, at: number): string | undefined {
  if (typographic.test(text.charAt(at)))
    return "It has a typographic quotation mark there: JSON's are straight.";
  if (beginsLikeJson.test(text)) return undefined;
  return others.find(({ looksLike }) => looksLike.test(text))?.words;
}
