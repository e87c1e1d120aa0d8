Feature: Every other number is met exactly

  @rule:action/replicas_in_range @rule:action/image_vulnerable @rule:change/size @rule:rate/rejected_cooldown
  @rule:tier/over_safe_radius
  Scenario: As shipped, outside production, just past the number is refused or asks for more
    Given payments-api crash-loops in production after a release
    When the agent proposes to restart payments-api
    Then just past each of these it is stricter, and at it it isn't:
      | number                             | at    | past  |
      | replicas from 40                   | 50    | 51    |
      | replicas from 5                    | 10    | 11    |
      | critical vulnerabilities           | 0     | 1     |
      | files changed                      | 5     | 6     |
      | lines changed                      | 200   | 201   |
      | seconds since people rejected it   | 86400 | 86399 |
      | seconds since it was last done     | 300   | 299   |
      | share of the pods for a safe one   | 80    | 81    |
      | pods for a safe one                | 10    | 11    |
      | pull requests that wait            | 9     | 10    |
      | pull requests opened lately        | 19    | 20    |
    And nothing was opened, merged or spent by asking
