package telemetry

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// NewTracer returns the tracer that the OTEL_* variables of OpenTelemetry's specification ask for, and nil when they
// ask for none: without an endpoint, with OTEL_SDK_DISABLED=true or OTEL_TRACES_EXPORTER=none. It understands
//
//	OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT   where to; the second as it is
//	OTEL_EXPORTER_OTLP_HEADERS, …_TRACES_HEADERS                      name=value, comma-separated
//	OTEL_EXPORTER_OTLP_TIMEOUT, …_TRACES_TIMEOUT                      in milliseconds
//	OTEL_EXPORTER_OTLP_PROTOCOL, …_TRACES_PROTOCOL                    http/json; http/protobuf has the same address
//	OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
//	OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG                      always_on, always_off, traceidratio, parentbased_…
//
// A value that it cannot follow is an error in words.
func NewTracer(getenv func(string) string, version string, log *slog.Logger) (*Tracer, error) {
	trace := func(name string) string {
		return cmp.Or(getenv("OTEL_EXPORTER_OTLP_TRACES_"+name), getenv("OTEL_EXPORTER_OTLP_"+name))
	}
	off := strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || getenv("OTEL_TRACES_EXPORTER") == "none"
	if off || trace("ENDPOINT") == "" {
		return nil, nil
	}
	endpoint, err := collector(getenv)
	if err != nil {
		return nil, err
	}
	if exporter := getenv("OTEL_TRACES_EXPORTER"); exporter != "" && exporter != "otlp" {
		return nil, fmt.Errorf("OTEL_TRACES_EXPORTER is %q: give otlp or none", exporter)
	}
	switch protocol := trace("PROTOCOL"); protocol {
	case "", "http/json", "http/protobuf": // a collector takes both at the same address
	default:
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q: the console sends http/json, to port 4318 of a collector "+
			"as a rule", protocol)
	}
	timeout, err := strconv.Atoi(cmp.Or(trace("TIMEOUT"), "10000"))
	if err != nil || timeout < 1 {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_TIMEOUT is %q: give milliseconds, such as 10000", trace("TIMEOUT"))
	}
	share, err := sampled(getenv("OTEL_TRACES_SAMPLER"), getenv("OTEL_TRACES_SAMPLER_ARG"))
	if err != nil {
		return nil, err
	}
	headers, err := pairs("OTEL_EXPORTER_OTLP_HEADERS", trace("HEADERS"))
	if err != nil {
		return nil, err
	}
	resource, err := resourceOf(getenv, version)
	if err != nil {
		return nil, err
	}
	return &Tracer{share: share, export: &exporter{
		url: endpoint, headers: headers, timeout: time.Duration(timeout) * time.Millisecond, resource: resource,
		client: &http.Client{}, log: log, queue: make(chan *Span, queueLength),
	}}, nil
}

// collector is the address that traces are sent to: one of their own, or a part of the one for everything.
func collector(getenv func(string) string) (string, error) {
	endpoint := getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	if endpoint == "" {
		endpoint = strings.TrimRight(getenv("OTEL_EXPORTER_OTLP_ENDPOINT"), "/") + "/v1/traces"
	}
	if u, err := url.Parse(endpoint); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", errors.New("OTEL_EXPORTER_OTLP_ENDPOINT is not an address: give one such as http://127.0.0.1:4318")
	}
	return endpoint, nil
}

// sampled is the share of traces that a sampler keeps. The console takes no trace over from whoever sends a request,
// so a sampler that asks the parent first is the one that follows it.
func sampled(sampler, argument string) (float64, error) {
	switch strings.TrimPrefix(sampler, "parentbased_") {
	case "", "always_on":
		return 1, nil
	case "always_off":
		return 0, nil
	case "traceidratio":
		share, err := strconv.ParseFloat(cmp.Or(argument, "1"), 64)
		if err != nil || share < 0 || share > 1 {
			return 0, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG is %q: give a number from 0 to 1", argument)
		}
		return share, nil
	}
	return 0, fmt.Errorf("OTEL_TRACES_SAMPLER is %q: give always_on, always_off or traceidratio, or one of them after parentbased_", sampler)
}

// pairs reads name=value, comma-separated, percent-encoded. Values may be secrets, so that no error shows one.
func pairs(name, text string) (map[string]string, error) {
	found := map[string]string{}
	for item := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(item) == "" {
			continue
		}
		key, encoded, ok := strings.Cut(item, "=")
		decoded, err := url.PathUnescape(strings.TrimSpace(encoded))
		if key = strings.TrimSpace(key); !ok || key == "" || err != nil {
			return nil, fmt.Errorf("%s cannot be read: give name=value, comma-separated, percent-encoded", name)
		}
		found[key] = decoded
	}
	return found, nil
}

func resourceOf(getenv func(string) string, version string) ([]attribute, error) {
	named, err := pairs("OTEL_RESOURCE_ATTRIBUTES", getenv("OTEL_RESOURCE_ATTRIBUTES"))
	if err != nil {
		return nil, err
	}
	named["service.name"] = cmp.Or(getenv("OTEL_SERVICE_NAME"), named["service.name"], "tokenconsole")
	named["service.version"] = version
	var all []attribute
	for key, text := range named {
		all = append(all, attribute{Key: key, Value: value{Text: &text}})
	}
	return all, nil
}
