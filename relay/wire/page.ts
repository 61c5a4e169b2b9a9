/** What the relay's Content-Security-Policy and the pages under it must agree about. */

/**
 * The one Trusted Types policy that may be made. The pages need it for the URL of the frame worker and for nothing
 * else: no HTML and no script text is ever made from a string.
 */
export const TRUSTED_TYPES_POLICY = "quietroom";
