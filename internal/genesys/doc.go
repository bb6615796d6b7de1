// Package genesys is a small client of the Genesys Cloud platform API: the
// calls tokenconsole needs, with contexts, bounded replies, typed errors and no
// hidden retries. Operations keep the vendor's names (GetTokensMe, DeleteToken).
//
// Tokens travel as [Secret] values, which print as "[secret]" everywhere, and
// people are named by [UserID], which only ever holds a canonical UUID.
package genesys
