// Package comeback tells who got a new token after their tokens were revoked.
// Deleting tokens locks nobody out, so everybody is watched for a while:
//
//	the record: revocations and what was cleared by hand ──┐
//	the database: the last token known of each person ─────┴──► Board, Of ──► pages, badge
//	                 ▲                      ▲
//	Read: GetUsers, 100 ids a call     Live: a notification channel a session
//
// Whom to watch is read from the record and kept nowhere else, so that it holds
// after a restart and on every replica.
//
// The rule is the same on every page:
//
//   - One revocation of a person counts: the last by somebody else that the platform
//     confirmed. Without one it is the last by somebody else whose outcome is not
//     known, since it may have happened; then the last of their own. So nothing that
//     people do to themselves, and nothing that perhaps did not happen, hides a return
//     after an earlier revocation.
//   - A person came back if their last known token is later than the one known before
//     that revocation, and was not issued before it was asked for; clocks may be a
//     second apart (revocation.Times). A token of the revocation's own time, or of a
//     second around it, is listed as perhaps a return. Coming back after a revocation of one's
//     own is listed, and counts as meant.
//   - Clearing is about one return. It holds for the token that was shown, and not for
//     a later one. Nobody clears their own return, and none is cleared before it happened.
//   - What was not read since the revocation is not known. It never counts as "not back".
package comeback

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/genesys"
)

// MostWatched is how many people of an organization are watched at once: those who
// were revoked last. One notification channel takes as many topics.
const MostWatched = genesys.MaxTopics

// Returned is told when people got a token, as the platform told at readAt. What else
// says who came back after a revocation since a time is to say the same.
type Returned func(
	ctx context.Context, organization string, since, readAt time.Time, issued map[genesys.UserID]time.Time,
) error

// Service knows who is watched. It is safe for concurrent use.
type Service struct {
	Record   *audit.Log
	DB       *database.DB
	Platform *genesys.Platform
	For      time.Duration // how long people are watched
	Now      func() time.Time
	Returned Returned // told of people who got a token; nil for nobody

	mu       sync.Mutex
	changes  changes
	counts   map[string]count // by organization
	counting singleflight.Group
}
