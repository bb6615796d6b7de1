// Package session keeps a browser's state in sealed cookies: the signed-in
// [Session], sign-ins that were begun and not finished, and the [Farewell] after
// a sign-out. Each is encrypted and authenticated by gorilla/sessions under
// keys that every replica shares, and its life is enforced here, on the server:
// what a browser does with an expiry date is no defence.
package session
