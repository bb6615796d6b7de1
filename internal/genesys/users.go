package genesys

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Permissions that the console's calls need.
const (
	PermissionDeleteToken = "oauth:token:delete" // #nosec G101 -- the name of a permission
	PermissionViewUser    = "directory:user:view"
	PermissionAdminOrg    = "directory:organization:admin"
)

// User is a person of the organization. The platform may leave out any field that
// an expand asks for.
type User struct {
	ID         UserID `json:"id"`
	Name       string `json:"name"`
	Email      string `json:"email"`
	Username   string `json:"username"`
	Department string `json:"department"`
	Title      string `json:"title"`
	State      string `json:"state"` // active, inactive, deleted
	Version    int    `json:"version"`
	Division   Named  `json:"division"`
	Manager    struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"manager"`

	LastTokenIssued struct {
		DateIssued time.Time `json:"dateIssued"`
	} `json:"lastTokenIssued"` // expand lasttokenissued
	DateLastLogin time.Time `json:"dateLastLogin"` // expand dateLastLogin; by user name and password only
	Presence      struct {
		PresenceDefinition struct {
			SystemPresence string `json:"systemPresence"`
		} `json:"presenceDefinition"`
		ModifiedDate time.Time `json:"modifiedDate"`
	} `json:"presence"` // expand presence
	RoutingStatus struct {
		Status    string    `json:"status"` // OFF_QUEUE, IDLE, INTERACTING, NOT_RESPONDING, COMMUNICATING
		StartTime time.Time `json:"startTime"`
	} `json:"routingStatus"` // expand routingStatus
	Station struct {
		Associated Named `json:"associatedStation"` // empty for none
	} `json:"station"` // expand station
}

// Busy reports whether revoking would cut off an interaction, as far as the
// platform told.
func (u User) Busy() bool {
	return u.RoutingStatus.Status == "INTERACTING" || u.RoutingStatus.Status == "COMMUNICATING"
}

// UserMe is the person whose token it is (GetUsersMe).
type UserMe struct {
	User
	Authorization struct {
		Permissions []string `json:"permissions"`
	} `json:"authorization"` // expand authorization
	Organization Named `json:"organization"` // expand organization
	Date         struct {
		CurrentDate time.Time `json:"currentDate"`
	} `json:"date"` // expand date: the platform's clock
}

// GetUsersMe returns the person whose token it is (GET /api/v2/users/me; no
// permission, scope user-basic-info). ErrAnotherUser: the reply names nobody.
func (cl *Client) GetUsersMe(ctx context.Context, token Secret) (UserMe, error) {
	var me UserMe
	receipt, err := cl.do(ctx, token, call{
		operation: "GetUsersMe", method: http.MethodGet, path: "/api/v2/users/me",
		query: url.Values{"expand": {"authorization", "organization", "date"}},
		reply: &me,
	})
	if err == nil && me.ID.IsZero() {
		return UserMe{}, anotherUser("GetUsersMe", receipt)
	}
	return me, err
}

// evidence are the expands that help to recognize a person and show what a
// revocation would interrupt.
var evidence = []string{"lasttokenissued", "dateLastLogin", "presence", "routingStatus"}

// evidenceOfOne adds what a revocation leaves behind.
var evidenceOfOne = append(slices.Clone(evidence), "station")

// GetUser returns one person, deleted ones included, with the time of the last
// token, presence, routing status and station (GET /api/v2/users/{userId}; no
// permission, scope users:readonly). A deleted person takes a second call. ErrAnotherUser: the
// reply names somebody else.
func (cl *Client) GetUser(ctx context.Context, token Secret, user UserID) (User, error) {
	if user.IsZero() {
		return User{}, ErrUserID
	}
	u, err := cl.getUser(ctx, token, user, url.Values{"expand": evidenceOfOne})
	if !errors.Is(err, ErrNotFound) {
		return u, err
	}
	deleted, again := cl.getUser(ctx, token, user, url.Values{"expand": evidenceOfOne, "state": {"deleted"}})
	if again == nil || errors.Is(again, ErrAnotherUser) {
		return deleted, again
	}
	return u, err
}

func (cl *Client) getUser(ctx context.Context, token Secret, user UserID, query url.Values) (User, error) {
	var u User
	receipt, err := cl.do(ctx, token, call{
		operation: "GetUser", method: http.MethodGet, path: userPath(user),
		query: query, reply: &u,
	})
	if err == nil && u.ID != user {
		return User{}, anotherUser("GetUser", receipt)
	}
	return u, err
}

// anotherUser is the error for a reply about somebody else.
func anotherUser(operation string, r Receipt) error {
	return &NoAnswerError{Operation: operation, Sent: true, CorrelationID: r.CorrelationID, Err: ErrAnotherUser}
}

// GetUsers returns the people with these ids, in any state and with what GetUser
// returns but the station, in one call (GET /api/v2/users; no permission, scope users:readonly). It
// asks for the first 100 and leaves out people who do not exist; the order is the
// platform's. ErrAnotherUser: the reply names somebody else.
func (cl *Client) GetUsers(ctx context.Context, token Secret, users []UserID) ([]User, error) {
	return cl.getUsers(ctx, token, users, evidence)
}

// GetUsersIssued is GetUsers with the time of the last token alone.
func (cl *Client) GetUsersIssued(ctx context.Context, token Secret, users []UserID) ([]User, error) {
	return cl.getUsers(ctx, token, users, evidence[:1])
}

func (cl *Client) getUsers(ctx context.Context, token Secret, users []UserID, expand []string) ([]User, error) {
	asked := users[:min(len(users), maxIDs)]
	query := url.Values{"expand": expand, "pageSize": {"100"}, "state": {"any"}}
	for _, id := range asked {
		query.Add("id", id.String())
	}
	var page struct {
		Entities []User `json:"entities"`
	}
	receipt, err := cl.do(ctx, token, call{
		operation: "GetUsers", method: http.MethodGet, path: "/api/v2/users",
		query: query, reply: &page,
	})
	if slices.ContainsFunc(page.Entities, func(u User) bool { return !slices.Contains(asked, u.ID) }) {
		return nil, anotherUser("GetUsers", receipt)
	}
	return page.Entities, err
}
