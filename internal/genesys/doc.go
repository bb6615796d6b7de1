// Package genesys is a small client of the Genesys Cloud platform API. It has the
// calls that tokenconsole needs, with contexts, limited replies, typed errors and
// no hidden retries. Methods have the vendor's operation names (GetTokensMe,
// DeleteToken).
//
// Tokens are [Secret] values, which print as "[secret]" everywhere. People are
// named by a [UserID], which only holds a canonical UUID.
package genesys
