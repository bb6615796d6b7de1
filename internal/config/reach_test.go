package config

import "testing"

// TestPlainHTTP holds that nothing secret goes to another machine in plain http
// unless a setting says so (T18).
func TestPlainHTTP(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"CONSOLE_PUBLIC_URL", "GENESYS_LOGIN_URL", "GENESYS_API_URL"} {
		for _, url := range []string{
			"http://tokens.example.com", "HTTP://10.0.0.1:8080", "http://localhost.example.com", "http://0.0.0.0:8080",
			"http://[fd00::1]", "http://127.0.0.1.example.com",
		} {
			wantProblems(t, good(setting, url), nil, setting+" is in plain http")
			mustParse(t, good(setting, url, "CONSOLE_ALLOW_PLAIN_HTTP", "true"))
			mustParse(t, good(setting, url), "--allow-plain-http")
			wantProblems(t, good(setting, url, "CONSOLE_ALLOW_PLAIN_HTTP", "false"), nil, setting+" is in plain http")
		}
		for _, url := range []string{"http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]", "https://tokens.example.com"} {
			mustParse(t, good(setting, url))
		}
	}
	wantProblems(t, good("CONSOLE_ALLOW_PLAIN_HTTP", "perhaps"), nil, "--allow-plain-http")
	wantProblems(t, map[string]string{"CONSOLE_PUBLIC_URL": "http://demo.example"}, []string{"--demo"}, "CONSOLE_PUBLIC_URL is in plain http")
}

// TestProxiesOfEverybody holds that not everybody can say where they come from
// (T18).
func TestProxiesOfEverybody(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "2000::/3", "10.0.0.0/7", "192.168.1.7/0", "2000::/7", "::ffff:0.0.0.0/96"} {
		wantProblems(t, good("CONSOLE_TRUSTED_PROXIES", "10.1.0.0/16,"+network), nil, "CONSOLE_TRUSTED_PROXIES trusts "+network)
	}
	mustParse(t, good("CONSOLE_TRUSTED_PROXIES", "10.0.0.0/8, 172.16.0.0/12 fc00::/7 2001:db8::/32 0.0.0.0 ::1"))
	for _, item := range []string{"fe80::1%eth0", "10.0.0.0/33", "proxy"} {
		wantProblems(t, good("CONSOLE_TRUSTED_PROXIES", item), nil, "CONSOLE_TRUSTED_PROXIES has \""+item+"\"")
	}
}
