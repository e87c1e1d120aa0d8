Feature: The most that an action may reach is a number for each environment

  @rule:blast_radius/pods @rule:blast_radius/workloads @rule:blast_radius/namespaces @rule:blast_radius/share
  @rule:blast_radius/dependents
  Scenario: As shipped, one more than the most is refused
    Given payments-api crash-loops in production after a release
    When alice proposes to restart payments-api
    Then one more than the most of these is refused, and the most isn't:
      | environment | reached             | most |
      | production  | pods                | 30   |
      | production  | pods_percent        | 60   |
      | production  | workloads           | 10   |
      | production  | namespaces          | 4    |
      | production  | dependents          | 20   |
      | production  | critical_dependents | 3    |
      | staging     | pods                | 60   |
      | staging     | pods_percent        | 80   |
      | staging     | workloads           | 20   |
      | staging     | namespaces          | 6    |
      | staging     | dependents          | 40   |
      | staging     | critical_dependents | 6    |
      | development | pods                | 100  |
      | development | workloads           | 40   |
      | development | namespaces          | 8    |
      | development | dependents          | 80   |
      | development | critical_dependents | 10   |
    And nothing was opened, merged or spent by asking
