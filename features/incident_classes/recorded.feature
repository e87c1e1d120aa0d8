Feature: What was recorded of each class becomes an incident of that class

  Scenario Outline: Recorded examples of <class>
    When what was recorded as <class> is observed
    Then an incident of class <class> is open
    And nothing was opened, merged or spent, and nobody was told of a fix
    When the incident is analysed
    Then its options are those of its runbook, with watching and escalating
    And nothing was opened, merged or spent, and nobody was told of a fix

    Examples:
      | class                  |
      | cache-saturation       |
      | certificate-expiring   |
      | config-missing         |
      | cost-anomaly           |
      | crash-loop             |
      | critical-vulnerability |
      | cronjob-failing        |
      | dns-failure            |
      | drift                  |
      | elevated-error-rate    |
      | error-budget-burn      |
      | evicted-disk-pressure  |
      | failing-liveness       |
      | failing-readiness      |
      | hpa-at-maximum         |
      | image-pull-failure     |
      | job-backoff            |
      | latency-regression     |
      | node-not-ready         |
      | oom-kill               |
      | policy-violation       |
      | queue-backlog          |
      | quota-exceeded         |
      | stuck-rollout          |
      | unschedulable          |
      | volume-filling         |
