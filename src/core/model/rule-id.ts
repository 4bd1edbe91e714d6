/** A word with a short number, or a number with a short word. */
const WORD = '(?:[a-z]{1,20}\\d{0,4}|\\d{1,4}[a-z]{0,8})';

/**
 * Ids of rules that are printed as they are, even if a word of one was found as a weak secret
 * (`database-url-password`). An id of random letters and digits may be a secret in hex: it is masked.
 */
export const RULE_ID = new RegExp(`^(?=.{1,64}$)(?:(?:named-secret|service):)?${WORD}(?:-${WORD})*$`);
