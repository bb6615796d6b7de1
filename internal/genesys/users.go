package genesys

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// Permissions that the console's calls need.
const (
	PermissionDeleteToken = "oauth:token:delete"
	PermissionViewUser    = "directory:user:view"
	PermissionAdminOrg    = "directory:organization:admin"
)

// User is a person of the organization. Expanded fields are best-effort: any
// may be missing even when it was asked for.
type User struct {
	ID         UserID `json:"id"`
	Name       string `json:"name"`
	Email      string `json:"email"`
	Username   string `json:"username"`
	Department string `json:"department"`
	Title      string `json:"title"`
	State      string `json:"state"` // active, inactive, deleted
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
}

// UserMe is the person whose token asks (GetUsersMe).
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

// GetUsersMe tells whose token it is (GET /api/v2/users/me; no permission,
// scope user-basic-info).
func (cl *Client) GetUsersMe(ctx context.Context, token Secret) (UserMe, error) {
	var me UserMe
	_, err := cl.do(ctx, token, call{
		operation: "GetUsersMe", method: http.MethodGet, path: "/api/v2/users/me",
		query: url.Values{"expand": {"authorization", "organization", "date"}},
		reply: &me,
	})
	return me, err
}

// evidence are the expands that help to recognize a person and to judge what a
// revocation would cut off.
var evidence = []string{"lasttokenissued", "dateLastLogin", "presence", "routingStatus"}

// GetUser returns one person with evidence (GET /api/v2/users/{userId};
// permission directory:user:view, scope users:readonly). The platform looks
// among active people unless told otherwise, so a second call asks for a
// deleted one before ErrNotFound is returned.
func (cl *Client) GetUser(ctx context.Context, token Secret, user UserID) (User, error) {
	if user.IsZero() {
		return User{}, ErrUserID
	}
	u, err := cl.getUser(ctx, token, user, url.Values{"expand": evidence})
	if errors.Is(err, ErrNotFound) {
		if deleted, err := cl.getUser(ctx, token, user, url.Values{"expand": evidence, "state": {"deleted"}}); err == nil {
			return deleted, nil
		}
	}
	return u, err
}

func (cl *Client) getUser(ctx context.Context, token Secret, user UserID, query url.Values) (User, error) {
	var u User
	_, err := cl.do(ctx, token, call{
		operation: "GetUser", method: http.MethodGet, path: "/api/v2/users/" + user.String(),
		query: query, reply: &u,
	})
	return u, err
}

// GetUsers returns those of users that exist, in any state, with evidence, in
// one call (GET /api/v2/users; permission directory:user:view, scope
// users:readonly). At most 100 are asked for; the order is the platform's.
func (cl *Client) GetUsers(ctx context.Context, token Secret, users []UserID) ([]User, error) {
	query := url.Values{"expand": evidence, "pageSize": {"100"}, "state": {"any"}}
	for _, id := range users[:min(len(users), 100)] {
		query.Add("id", id.String())
	}
	var page struct {
		Entities []User `json:"entities"`
	}
	_, err := cl.do(ctx, token, call{
		operation: "GetUsers", method: http.MethodGet, path: "/api/v2/users",
		query: query, reply: &page,
	})
	return page.Entities, err
}
