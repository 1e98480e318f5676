//! The page in a browser. CI has one and runs these tests; the part `playground` of `.ci/run` builds the page.

use std::io::{self, BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use sched_core::Schedule;

/// Longer than a busy machine takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Opens the page with a fragment, runs a script in it once it is ready, and gives what the script calls `report` with.
fn run(fragment: &str, script: &str) -> Vec<String> {
    let page = env::var("SCHED_PLAYGROUND").expect("SCHED_PLAYGROUND is the page that playground/build wrote");
    let page = fs::read_to_string(page).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    // The browser says when it is done by sending the reports here.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let script = format!(
        r#"<script>
        const reports = [];
        const report = text => reports.push(String(text));
        const type = (id, value, event = "input") => {{
          byId(id).value = value;
          byId(id).dispatchEvent(new Event(event, {{ bubbles: true }}));
        }};
        const press = async form => {{
          byId("status").textContent = "";
          document.querySelector(`[data-form=${{form}}]`).click();
          while (!byId("status").textContent) await new Promise(done => setTimeout(done, 10));
          return byId("code").textContent;
        }};
        ready.then(async () => {{ {script} }}).catch(error => report("failed: " + error)).finally(() =>
          fetch("http://{address}", {{ method: "POST", mode: "no-cors", body: JSON.stringify(reports) }}));
        </script></body>"#
    );
    fs::write(&path, page.replace("</body>", &script)).unwrap();
    let mut browser = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        // Without a port it would close as soon as the page is loaded.
        .arg("--remote-debugging-port=0")
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("file://{}#{fragment}", path.display()))
        .stderr(Stdio::null())
        .spawn()
        .expect("chromium is on the path");
    let reports = received(&listener);
    browser.kill().unwrap();
    browser.wait().unwrap();
    reports.expect("the page did not report in time")
}

/// The reports that the browser sends, if it does so in time.
fn received(listener: &TcpListener) -> io::Result<Vec<String>> {
    listener.set_nonblocking(true)?;
    let begin = Instant::now();
    let stream = loop {
        match listener.accept() {
            Ok((stream, _)) => break stream,
            Err(error) if begin.elapsed() > PATIENCE => return Err(error),
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    };
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    serde_json::from_slice(&body).map_err(io::Error::other)
}

#[test]
#[ignore = "needs chromium and SCHED_PLAYGROUND"]
fn a_pasted_file_is_drawn_and_said() {
    let reports = run(
        "",
        r##"
        type("text", "library: torch # as it is\nkind: StepLR\nparams:\n  optimizer_lr: 0.1\n  step_size: 30\n  gamma: 0.5\n");
        report(byId("words").textContent);
        report(document.querySelectorAll("#plot polyline").length);
        type("step", "30");
        report(byId("rates").textContent);
        type("epochs", "45");
        type("steps_per_epoch", "2");
        report(byId("step").max);
        "##,
    );
    assert_eq!(reports, ["steps 0.1 x 0.5 every 30", "1", "step 300.05", "89"]);
}

#[test]
#[ignore = "needs chromium and SCHED_PLAYGROUND"]
fn a_slider_changes_its_number_and_nothing_else() {
    let reports = run(
        "",
        r##"
        type("text", "library: torch # 7\nkind: StepLR\nparams: {optimizer_lr: 0.1, step_size: 30, gamma: 0.5}\n");
        report([...document.querySelectorAll("#numbers label")].map(label => label.textContent).join());
        const before = byId("plot").innerHTML;
        type("number-1", "60");
        report(byId("text").value);
        report(byId("words").textContent);
        report(byId("plot").innerHTML !== before);
        "##,
    );
    assert_eq!(
        reports,
        [
            "optimizer_lr,step_size,gamma",
            "library: torch # 7\nkind: StepLR\nparams: {optimizer_lr: 0.1, step_size: 60, gamma: 0.5}\n",
            "steps 0.1 x 0.5 every 60",
            "true"
        ]
    );
}

#[test]
#[ignore = "needs chromium and SCHED_PLAYGROUND"]
fn each_entry_of_the_menu_is_drawn_and_copied() {
    let reports = run(
        "",
        r##"
        for (let i = 0; i < menu.length; i++) {
          type("menu", String(i), "change");
          report(byId("error").textContent + document.querySelectorAll("#plot polyline").length);
        }
        type("text", '{"ramp": {"from": 0.1, "to": 0, "steps": 100}}');
        for (const form of ["rust", "json", "yaml", "torch"]) {
          report(await press(form));
        }
        type("text", '{"ramp": {"from": 0.1, "to": 0, "steps": 100, "shape": "rex"}}');
        await press("torch");
        report(byId("status").textContent.split(";")[0] + byId("code").hidden);
        "##,
    );
    let (drawn, copied) = reports.split_at(reports.len() - 5);
    assert!(drawn.len() > 10 && drawn.iter().all(|lines| lines == "1"), "{drawn:?}");
    assert_eq!(copied[0], "use sched_core::Schedule;\n\nlet lr = Schedule::linear(0.1, 0.0, 100)?;\n");
    assert!(copied[1].contains("\"ramp\": {\n    \"from\": 0.1,"), "{}", copied[1]);
    assert!(copied[2].starts_with("ramp:\n  from: 0.1\n  to: 0.0\n  steps: 100.0\n"), "{}", copied[2]);
    assert_eq!(copied[3], "LinearLR(optimizer, start_factor=1.0, end_factor=0.0, total_iters=100)");
    assert!(copied[4].contains("rex") && copied[4].ends_with("true"), "{}", copied[4]);
}

#[test]
#[ignore = "needs chromium and SCHED_PLAYGROUND"]
fn a_link_brings_file_run_and_axis_back() {
    let text = r#"{"constant": 0.25} "#;
    let link = run(
        "",
        &format!(
            r##"
            type("text", '{text}');
            type("total_steps", "77");
            byId("log").click();
            report(await press("link"));
            "##
        ),
    );
    let (_, fragment) = link[0].split_once('#').unwrap();
    let script =
        r#"report([byId("text").value, byId("total_steps").value, byId("log").checked, byId("step").max].join("|"));"#;
    assert_eq!(run(fragment, script), [format!("{text}|77|true|76")]);
    let damaged = run("%7B%22te", r#"report(byId("status").textContent); report(byId("words").textContent !== "");"#);
    assert!(damaged[0].starts_with("The link is damaged"), "{damaged:?}");
    assert_eq!(damaged[1], "true");
}

#[test]
#[ignore = "needs chromium and SCHED_PLAYGROUND"]
fn an_error_is_shown_and_the_last_picture_stays() {
    let reports = run(
        "",
        r##"
        type("text", '{"constant": 0.5}');
        type("text", '{"constant": -1}');
        report(byId("error").textContent);
        report(document.querySelectorAll("#plot polyline").length);
        type("text", '{"constant": 1}');
        report(byId("error").textContent);
        type("epochs", "ten");
        report(byId("error").textContent);
        "##,
    );
    let run = "`epochs` is ten, but must be a whole number, such as 100";
    assert_eq!(reports, ["`constant` is -1, but must be 0 or more", "1", "", run]);
}

#[test]
#[ignore = "needs chromium and SCHED_PLAYGROUND"]
fn what_looks_wrong_is_said_with_a_fix_that_mends_it() {
    let reports = run(
        "",
        r##"
        const findings = async () => {
          while (byId("findings").getAttribute("aria-busy") !== "false") await new Promise(done => setTimeout(done, 10));
          return [...byId("findings").querySelectorAll("p")].map(line => line.textContent).join(" | ") || byId("findings").textContent;
        };
        type("text", '{"ramp": {"from": 0.1, "to": 0, "steps": 90, "shape": "cosine"}}');
        report(await findings());
        type("total_steps", "50");
        report(await findings());
        document.querySelector("#findings button").click();
        report(byId("step").value);
        type("text", byId("text").value.replace("90", "50"));
        report(await findings());
        type("text", '{"constant": 5}');
        report(await findings());
        type("text", '{"constant": -5}');
        report(byId("findings").textContent);
        "##,
    );
    let said = "schedule too long at step 49: the run ends at a rate of 0.0430413; the schedule continues to 0 at step 90 \
                | Fix: set `ramp.steps` to 50 (now 90); or set “Steps” to 90";
    assert_eq!(reports[0], "No problems found; with the number of steps, its length is checked too.");
    assert_eq!(reports[1], said);
    assert_eq!(reports[2], "49");
    assert_eq!(reports[3], "No problems found in a run of 50 steps.");
    assert!(
        reports[4].starts_with("high peak at step 0: the highest rate is 5, above 1 | Fix: set `constant` to"),
        "{reports:?}"
    );
    assert_eq!(reports[5], "");
}

/// The core in WebAssembly and the one compiled for this machine give the same rates, to the last bit.
#[test]
#[ignore = "needs chromium and SCHED_PLAYGROUND"]
fn ten_thousand_rates_have_the_bits_of_the_native_core() {
    let schedules = [
        Schedule::cosine_annealing(1e-3, 1e-5, 9_500).unwrap().warmup(0.0, 500).unwrap(),
        Schedule::polynomial(0.1, 1e-7, 9_999, 0.37).unwrap().warp(9_999.0, 1.7).unwrap(),
        Schedule::exponential(0.1, 0.9993).unwrap().plus(Schedule::tanh(0.1, 0.0, 9_000, -6.0, 3.0).unwrap()).unwrap(),
        Schedule::noam(1.0, 512, 400)
            .unwrap()
            .times(Schedule::cosine_warm_restarts(1.0, 0.1, 333, 1.3).unwrap())
            .unwrap(),
    ];
    let files: Vec<String> = schedules.iter().map(|schedule| serde_json::to_string(schedule).unwrap()).collect();
    let script = format!(
        r##"
        for (const text of {files:?}) {{
          const answer = ask({{ text, plan: {{ total_steps: 10000 }}, step: 0, parts: 10000 }});
          const rates = Float64Array.from(answer.lines[0].points, point => point[1]);
          report([...new BigUint64Array(rates.buffer)].map(bits => bits.toString(16)).join());
        }}
        "##
    );
    let reports = run("", &script);
    assert_eq!(reports.len(), schedules.len());
    for (schedule, bits) in schedules.iter().zip(reports) {
        let native: Vec<String> = (0..10_000).map(|step| format!("{:x}", schedule.at(step).to_bits())).collect();
        let browser: Vec<&str> = bits.split(',').collect();
        assert_eq!(browser.len(), native.len());
        let different = native.iter().zip(browser).enumerate().find(|(_, (a, b))| a != b);
        assert_eq!(different, None, "{schedule}");
    }
}

#[test]
#[ignore = "needs SCHED_PLAYGROUND"]
fn the_page_asks_nobody_for_anything() {
    let page = fs::read_to_string(env::var("SCHED_PLAYGROUND").unwrap()).unwrap();
    let addresses = ["http:", "https:", "<link", "src=", "@import", "fetch("];
    assert!(addresses.iter().all(|address| !page.contains(address)), "the page names an address");
}
