package audit

import (
	"log/slog"

	"golang.org/x/mod/sumdb/tlog"
)

// attributes are the entry as a SIEM gets it, with the root of the tree that it completed. Nothing in them turns a
// line around or forges another one. With seq and root it can tell later that the record was cut off or rewritten.
func attributes(e Entry, root tlog.Hash) []slog.Attr {
	attrs := []slog.Attr{
		slog.Int64("seq", e.Seq), slog.String("root", root.String()), slog.String("at", e.At.Format(timeLayout)),
		slog.String("action", string(e.Action)), slog.String("outcome", string(e.Outcome)),
	}
	attrs = append(attrs, texts("actor", "id", e.Actor.ID, "name", e.Actor.Name, "email", e.Actor.Email)...)
	attrs = append(attrs, texts("subject", "id", e.Subject.ID, "name", e.Subject.Name, "email", e.Subject.Email)...)
	attrs = append(attrs, texts("organization", "id", e.Organization.ID, "name", e.Organization.Name)...)
	attrs = append(attrs, texts("", "region", e.Region, "reason", e.Reason, "ticket", e.Ticket)...)
	attrs = append(attrs, texts("", "token", e.Token, "token_region", e.TokenRegion)...)
	attrs = append(attrs, texts("token_organization", "id", e.TokenOrganization.ID, "name", e.TokenOrganization.Name)...)
	attrs = append(attrs, texts("change", "from", e.Change.From, "to", e.Change.To)...)
	attrs = append(attrs, texts("client", "id", e.Client.ID, "name", e.Client.Name)...)
	attrs = append(attrs, texts("playbook", "name", e.Playbook, "steps", e.Steps)...)
	attrs = append(attrs, texts("", "problem", e.Problem, "permission", e.Permission, "query", e.Query)...)
	attrs = append(attrs, texts("evidence", "token_issued_before", told(e.Evidence.TokenIssuedBefore),
		"token_issued_after", told(e.Evidence.TokenIssuedAfter), "read_at", told(e.Evidence.ReadAt))...)
	attrs = append(attrs, texts("", "batch", e.Batch, "pruned_before", told(e.Pruned.Before), "correlation_id", e.CorrelationID,
		"request_id", e.RequestID, "address", e.Address, "plan", e.Plan)...)
	for _, number := range []struct {
		key   string
		value int64
	}{
		{"count", e.Count}, {"pruned_through", e.Pruned.Through}, {"closes", e.Closes}, {"about", e.About},
		{"approval", e.Approval}, {"within", e.Within}, {"platform_status", int64(e.PlatformStatus)},
		{"done", int64(e.Tally.Done)}, {"failed", int64(e.Tally.Failed)}, {"unknown", int64(e.Tally.Unknown)},
		{"skipped", int64(e.Tally.Skipped)},
	} {
		if number.value != 0 {
			attrs = append(attrs, slog.Int64(number.key, number.value))
		}
	}
	return attrs
}

// texts are those of pairs (key, value, …) that hold something, in a group unless its name is "".
func texts(group string, pairs ...string) []slog.Attr {
	var attrs []slog.Attr
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			attrs = append(attrs, slog.String(pairs[i], Visible(pairs[i+1])))
		}
	}
	if group != "" && len(attrs) > 0 {
		return []slog.Attr{slog.GroupAttrs(group, attrs...)}
	}
	return attrs
}
