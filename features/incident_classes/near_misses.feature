Feature: What only looks like a class doesn't become an incident of it

  Scenario Outline: Near misses of <class>
    When the near misses of <class> are observed
    Then no incident of class <class> is open
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
